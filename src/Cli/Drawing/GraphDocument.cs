using EdgePrune.Cli.Documents;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Cli.Drawing;

/// <summary>A model as a page draws it; lengths are in pixels of the picture at full size.</summary>
/// <param name="Model">The file's name.</param>
/// <param name="Opset">Version of the standard operators.</param>
/// <param name="Params">Parameters.</param>
/// <param name="Macs">Multiply-accumulates of one run.</param>
/// <param name="Prunable">How much of it units reach.</param>
/// <param name="Width">Of the whole picture.</param>
/// <param name="Height">Of the whole picture.</param>
/// <param name="BoxWidth">Of a box.</param>
/// <param name="BoxHeight">Of a box.</param>
/// <param name="Boxes">Inputs, nodes, outputs.</param>
/// <param name="Lines">Values between them.</param>
/// <param name="Kinds">Units by kind.</param>
/// <param name="Groups">Groups of units, by id.</param>
/// <param name="Blocks">Residual branches and layers that can go as a whole.</param>
/// <param name="Reasons">Why something cannot be cut; boxes refer to these.</param>
/// <param name="FrozenReasons">The same, counted over the axes of parameters.</param>
/// <param name="Hidden">Nodes that compute constants and are not drawn.</param>
internal sealed record GraphDocument(
    string Model,
    int Opset,
    long Params,
    long Macs,
    PrunableFigures Prunable,
    double Width,
    double Height,
    double BoxWidth,
    double BoxHeight,
    IReadOnlyList<GraphBox> Boxes,
    IReadOnlyList<GraphLine> Lines,
    IReadOnlyList<InspectKind> Kinds,
    IReadOnlyList<InspectGroup> Groups,
    IReadOnlyList<GraphBlock> Blocks,
    IReadOnlyList<string> Reasons,
    IReadOnlyList<FrozenReason> FrozenReasons,
    int Hidden);

/// <param name="Op">Operator; "input" or "output" for the model's own.</param>
/// <param name="Name">Its name.</param>
/// <param name="X">Middle.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Macs">Multiply-accumulates.</param>
/// <param name="Params">Parameters.</param>
/// <param name="Reads">Values that it reads, the parameters among them.</param>
/// <param name="Makes">Values that it makes.</param>
/// <param name="Shares">Groups along the axis of its result that carries most units, with how many of its indices are theirs.</param>
/// <param name="Length">Length of that axis; 0 where no axis carries units.</param>
/// <param name="Groups">Every group that it makes, passes on or reads.</param>
/// <param name="Reasons">Indices of the reasons why something here cannot be cut.</param>
internal sealed record GraphBox(
    string Op,
    string Name,
    double X,
    double Y,
    long Macs,
    long Params,
    IReadOnlyList<GraphValue> Reads,
    IReadOnlyList<GraphValue> Makes,
    IReadOnlyList<GroupShare> Shares,
    int Length,
    IReadOnlyList<int> Groups,
    IReadOnlyList<int> Reasons);

/// <param name="Name">Its name.</param>
/// <param name="Dims">Dimensions, such as "1 × 16 × 32 × 32"; null where unknown.</param>
/// <param name="IsParameter">True for a tensor of the file.</param>
internal sealed record GraphValue(string Name, string? Dims, bool IsParameter);

/// <param name="Group">A group.</param>
/// <param name="Indices">How many indices of the axis belong to it.</param>
internal sealed record GroupShare(int Group, int Indices);

/// <param name="Value">Its name.</param>
/// <param name="From">Number of the box that makes it.</param>
/// <param name="To">Numbers of the boxes that read it.</param>
/// <param name="Steps">Four numbers for each part: from (x, y) to (x, y).</param>
/// <param name="Groups">Groups that it carries.</param>
internal sealed record GraphLine(string Value, int From, IReadOnlyList<int> To, IReadOnlyList<double> Steps, IReadOnlyList<int> Groups);

/// <param name="Id">Its number among the blocks.</param>
/// <param name="Kind">block or layer.</param>
/// <param name="Where">The sum or the layer.</param>
/// <param name="Params">Parameters that go with it.</param>
/// <param name="Macs">Multiply-accumulates that go with it.</param>
/// <param name="Boxes">Numbers of the boxes that go with it.</param>
internal sealed record GraphBlock(int Id, string Kind, string Where, long Params, long Macs, IReadOnlyList<int> Boxes);
