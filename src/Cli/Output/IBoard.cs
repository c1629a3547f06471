namespace EdgePrune.Cli.Output;

/// <summary>Shows how far something long is, with figures of its own.</summary>
internal interface IBoard
{
    /// <summary>Moves the bar, where there is one.</summary>
    /// <param name="fraction">0 to 1.</param>
    /// <param name="title">Stands before the bar.</param>
    /// <param name="figures">Stand behind it.</param>
    void Move(double fraction, string title, string figures);

    /// <summary>A line that stays.</summary>
    /// <param name="line">What it says.</param>
    /// <param name="figures">What it says besides where no bar shows it.</param>
    void Keep(string line, string figures);
}
