using EdgePrune.Onnx;

namespace EdgePrune.Cli.Loop.Boards;

/// <summary>The board that a loop measures on and deploys to: this machine, or one behind an agent.</summary>
internal interface ILoopBoard : IDisposable
{
    /// <summary>The agent's address; null for this machine.</summary>
    string? Agent { get; }

    /// <summary>Profile of the original.</summary>
    ProfileDocument TakeProfile(OnnxModel model);

    /// <summary>Costs of the original's layers over their widths. What an interrupted sweep has measured is not measured again.</summary>
    CostTableDocument MeasureCosts(OnnxModel model);

    /// <summary>Measures the original (first) and a candidate (second), interleaved. The candidate does not serve.</summary>
    /// <param name="candidate">Its file.</param>
    /// <param name="title">What people are told of it.</param>
    ComparisonDocument Compare(string candidate, string title);

    /// <summary>
    /// Brings a candidate into service on probation, after the original where nothing serves yet, so that there is something to go
    /// back to. One that an interrupted loop left on probation is found again. Disposing of an undecided trial rolls it back.
    /// </summary>
    IBoardTrial BeginTrial(string candidate, string note);
}
