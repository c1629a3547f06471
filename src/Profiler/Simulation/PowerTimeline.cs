namespace EdgePrune.Profiler.Simulation;

/// <summary>
/// Power over time in pieces of constant load, seen through a first-order low pass: within a piece the filtered power is
/// p + (f₀ − p)·e^(−t/τ), and its integral is known. Cumulative integrals make the mean over any interval two look-ups.
/// </summary>
internal sealed class PowerTimeline
{
    private readonly double filter;
    private readonly double history;
    private readonly List<Piece> pieces = [];
    private double level;
    private double integral;
    private int first;

    /// <param name="filter">Time constant in seconds; zero for none.</param>
    /// <param name="level">Power before the beginning.</param>
    /// <param name="history">Seconds to remember.</param>
    public PowerTimeline(double filter, double level, double history)
    {
        this.filter = filter;
        this.history = history;
        this.level = level;
    }

    // Start of the piece, load in it, filtered power and integral at its start.
    private readonly record struct Piece(double Start, double Load, double Level, double Integral);

    /// <summary>Adds a piece that begins where the last one ended.</summary>
    public void Append(double from, double to, double watts)
    {
        // A loop adds the same load again and again; one piece is enough for it.
        if (pieces.Count > first && pieces[^1].Load == watts)
        {
            Close(pieces[^1], to);
            return;
        }

        var piece = new Piece(from, watts, level, integral);
        pieces.Add(piece);
        Close(piece, to);
        Forget(to - history);
    }

    /// <summary>Mean filtered power over an interval; at an instant where the two are equal.</summary>
    public double Mean(double from, double to) =>
        to - from < 1e-12 ? LevelAt(to) : (IntegralAt(to) - IntegralAt(from)) / (to - from);

    private void Close(Piece piece, double end)
    {
        level = Level(piece, end);
        integral = Integral(piece, end);
    }

    private double Level(Piece piece, double time) =>
        filter <= 0 ? piece.Load : piece.Load + ((piece.Level - piece.Load) * Math.Exp(-(time - piece.Start) / filter));

    private double Integral(Piece piece, double time)
    {
        double span = time - piece.Start;
        double settling = filter <= 0 ? 0 : (piece.Level - piece.Load) * filter * (1 - Math.Exp(-span / filter));
        return piece.Integral + (piece.Load * span) + settling;
    }

    private double LevelAt(double time) => pieces.Count == first ? level : Level(pieces[Find(time)], Math.Max(time, pieces[first].Start));

    private double IntegralAt(double time)
    {
        if (pieces.Count == first)
        {
            return level * time;
        }

        Piece oldest = pieces[first];
        return time < oldest.Start ? oldest.Integral - (oldest.Level * (oldest.Start - time)) : Integral(pieces[Find(time)], time);
    }

    private int Find(double time)
    {
        int low = first;
        int high = pieces.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (pieces[middle].Start <= time)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    private void Forget(double before)
    {
        while (first < pieces.Count - 1 && pieces[first + 1].Start < before)
        {
            first++;
        }

        if (first > 100_000 && first > pieces.Count / 2)
        {
            pieces.RemoveRange(0, first);
            first = 0;
        }
    }
}
