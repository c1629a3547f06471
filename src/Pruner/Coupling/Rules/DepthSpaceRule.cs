using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// DepthToSpace and SpaceToDepth with blocks of b × b. ONNX orders depth as b·b blocks of channels (DCR), DepthToSpace also the other
/// way round (CRD). All b·b channels that a channel spreads over are one unit.
/// </summary>
internal sealed class DepthSpaceRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["DepthToSpace", "SpaceToDepth"];

    public string Relation =>
        "DepthToSpace [N, C·b·b, H, W] → [N, C, H·b, W·b] ties the b·b channels that make one; SpaceToDepth lets the id of each channel "
        + "stand b·b times. Spatial axes are frozen.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int block = (int)node.GetInt("blocksize", 1);
        Spatial.Freeze(c, x, node);
        int[]? ids = c.Ids(x, 1);
        int[]? made = null;
        if (ids is not null && node.OpType == "SpaceToDepth")
        {
            made = [.. Enumerable.Range(0, block * block).SelectMany(_ => ids)];
        }
        else if (ids is not null)
        {
            made = Deep(node, c, ids, block);
        }

        Spatial.SetOutput(c, node, x, made);
    }

    private static int[]? Deep(NodeProto node, CouplingBuilder c, int[] ids, int block)
    {
        int positions = block * block;
        int channels = ids.Length / positions;
        if (channels < 2)
        {
            c.Freeze(ids, $"{node.Describe()}: its channels are the pixels of one");
            return null;
        }

        bool channelsFirst = node.GetString("mode", "DCR") == "CRD";
        for (int i = 0; i < ids.Length; i++)
        {
            int channel = channelsFirst ? i / positions : i % channels;
            c.Elements.Union(ids[channelsFirst ? channel * positions : channel], ids[i]);
        }

        return [.. Enumerable.Range(0, channels).Select(channel => ids[channelsFirst ? channel * positions : channel])];
    }
}
