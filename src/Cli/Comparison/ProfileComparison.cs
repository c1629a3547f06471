using System.Globalization;
using EdgePrune.Cli.Documents;
using EdgePrune.Onnx;

namespace EdgePrune.Cli.Comparison;

/// <summary>Sets two profiles side by side and says which differences are real.</summary>
internal static class ProfileComparison
{
    private const double WarmerKelvin = 5;
    private const string Modelled = "modelled";

    /// <param name="a">What is compared with.</param>
    /// <param name="b">What is compared: ratios are B over A.</param>
    /// <param name="files">Names of the two files.</param>
    /// <param name="across">Compare although device or runtime differ.</param>
    public static CompareDocument Of(ProfileDocument a, ProfileDocument b, (string A, string B) files, bool across)
    {
        Comparability comparable = Comparability.Of(a, b, across);
        bool modelled = a.Provenance == Modelled;
        IReadOnlyList<LayerMatch> matches = LayerMatch.Of(a.Layers, b.Layers);
        ComparedFigure[] times = Layers(matches, "time", "µs", l => l.TimeUs, comparable.Times, modelled: false);
        ComparedFigure[] energies = Layers(matches, "energy", "µJ", l => l.EnergyUj, comparable.Energies, modelled);
        ComparedFigure[] dynamic = Layers(matches, "dynamic energy", "µJ", l => l.DynamicEnergyUj, comparable.Energies, modelled);
        return new CompareDocument(
            Side(a, files.A),
            Side(b, files.B),
            comparable.Times,
            comparable.Energies,
            comparable.Reasons,
            string.Create(CultureInfo.InvariantCulture, $"95 % intervals of ratios by MOVER; over the layers of each quantity the false discovery rate is held at {FalseDiscovery.Rate * 100:F0} % (Benjamini–Hochberg)"),
            [
                Whole("latency", "ms", a.Network.LatencyMs.Interval(), b.Network.LatencyMs.Interval(), comparable.Times, modelled: false),
                Whole("energy", "mJ", a.Network.EnergyMj, b.Network.EnergyMj, comparable.Energies, modelled),
                Whole("dynamic energy", "mJ", a.Network.DynamicEnergyMj, b.Network.DynamicEnergyMj, comparable.Energies, modelled),
            ],
            [
                Size("peak activations", "B", a.Network.PeakActivationBytes, b.Network.PeakActivationBytes),
                Size("initializers", "B", a.Network.Bytes, b.Network.Bytes),
                Size("parameters", "", a.Network.Params, b.Network.Params),
                Size("MACs", "", a.Network.Macs, b.Network.Macs),
            ],
            [
                .. matches.Select((m, i) => new ComparedLayer(
                    m.First?.Title(), m.Second?.Title(), m.First?.Op, m.Second?.Op, m.By, times[i], energies[i], dynamic[i])),
            ],
            Count(times),
            Count(energies),
            [.. Remarks(a, b, comparable, modelled, across)]);
    }

    private static CompareSide Side(ProfileDocument d, string file) =>
        new(file, d.Model, d.Device, d.Runtime, d.Provenance, d.ProvenanceSource, d.Before, d.After);

    private static ComparedSize Size(string quantity, string unit, long a, long b) => new(quantity, unit, a, b, a == 0 ? null : (double)b / a);

    // One figure is one question; nothing is adjusted.
    private static ComparedFigure Whole(string quantity, string unit, Figure? a, Figure? b, bool comparable, bool modelled)
    {
        if (Refused(a, b, comparable) is { } word)
        {
            return new ComparedFigure(quantity, unit, a, b, null, word);
        }

        Ratio? ratio = Ratio.Of(a!, b!);
        return new ComparedFigure(quantity, unit, a, b, ratio is { } r ? Shown(r, null) : null, Word(ratio, ratio is { ExcludesOne: true }, a!, b!, modelled));
    }

    private static ComparedFigure[] Layers(
        IReadOnlyList<LayerMatch> matches, string quantity, string unit, Func<ProfileLayer, Figure?> of, bool comparable, bool modelled)
    {
        (Figure? A, Figure? B)[] figures = [.. matches.Select(m => (m.First is null ? null : of(m.First), m.Second is null ? null : of(m.Second)))];
        Ratio?[] ratios = [.. figures.Select(f => Refused(f.A, f.B, comparable) is null ? Ratio.Of(f.A!, f.B!) : null)];
        int[] tested = [.. Enumerable.Range(0, ratios.Length).Where(i => ratios[i] is not null)];
        double[] adjusted = FalseDiscovery.Adjust([.. tested.Select(i => ratios[i]!.Value.Probability)]);
        var adjustedOf = tested.Zip(adjusted).ToDictionary(p => p.First, p => p.Second);
        return
        [
            .. matches.Select((m, i) =>
            {
                (Figure? a, Figure? b) = figures[i];
                string? refused = m.First is null ? DifferenceWord.OnlyB : m.Second is null ? DifferenceWord.OnlyA : Refused(a, b, comparable);
                bool real = adjustedOf.TryGetValue(i, out double q) && q <= FalseDiscovery.Rate;
                return new ComparedFigure(
                    quantity, unit, a, b, ratios[i] is { } r ? Shown(r, q) : null, refused ?? Word(ratios[i], real, a!, b!, modelled));
            }),
        ];
    }

    private static string? Refused(Figure? a, Figure? b, bool comparable) =>
        a is null || b is null ? DifferenceWord.Unknown : comparable ? null : DifferenceWord.NotCompared;

    private static string Word(Ratio? ratio, bool real, Figure a, Figure b, bool modelled) =>
        modelled ? DifferenceWord.Modelled
        : ratio is not { } r ? (a.Low <= b.High && b.Low <= a.High ? DifferenceWord.Noise : DifferenceWord.Unknown)
        : !real ? DifferenceWord.Noise
        : r.Value < 1 ? DifferenceWord.Lower : DifferenceWord.Higher;

    private static RatioFigure Shown(Ratio r, double? adjusted) =>
        new(r.Value, r.Low, double.IsPositiveInfinity(r.High) ? null : r.High, r.Probability, adjusted);

    private static CompareCounts Count(ComparedFigure[] figures)
    {
        int Of(string word) => figures.Count(f => f.Difference == word);
        (int lower, int higher, int noise) = (Of(DifferenceWord.Lower), Of(DifferenceWord.Higher), Of(DifferenceWord.Noise));
        return new CompareCounts(lower, higher, noise, figures.Length - lower - higher - noise);
    }

    private static IEnumerable<string> Remarks(ProfileDocument a, ProfileDocument b, Comparability comparable, bool modelled, bool across)
    {
        if (across && comparable.Reasons.Count > 0)
        {
            yield return "compared across what differs: a difference is of that as well as of the model";
        }

        if (comparable.Energies && modelled)
        {
            yield return $"the energies of both are modelled ({Printable.Name(a.ProvenanceSource)}): their ratios follow from times, MACs and bytes, no energy was observed";
        }

        if (comparable.Energies && a.Provenance == "simulated")
        {
            yield return $"the energies of both are simulated ({Printable.Name(a.ProvenanceSource)}): no board was measured";
        }

        if (comparable.Energies && a.ProvenanceSource != b.ProvenanceSource)
        {
            yield return $"the energies are measured by different sensors: {Printable.Name(a.ProvenanceSource)} and {Printable.Name(b.ProvenanceSource)}";
        }

        if (a.Before.Governor != b.Before.Governor)
        {
            yield return $"the frequency governor was {Printable.Name(a.Before.Governor ?? "not known")} in A and {Printable.Name(b.Before.Governor ?? "not known")} in B";
        }

        if (Math.Abs((a.Before.TemperatureC - b.Before.TemperatureC) ?? 0) > WarmerKelvin)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"A began at {a.Before.TemperatureC:F0} °C and B at {b.Before.TemperatureC:F0} °C");
        }

        foreach ((ProfileDocument document, string name) in new[] { (a, "A"), (b, "B") })
        {
            foreach (string warning in document.Warnings)
            {
                yield return $"of {name}: {Printable.Text(warning, keepLines: false)}";
            }
        }

        yield return "the intervals hold what varied within each profile, not what changed on the machine between the two; 'edgeprune prune' and 'loop' measure two models interleaved";
    }
}
