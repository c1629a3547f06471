using System.Globalization;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>A <see cref="SensorCheckDocument"/> for people.</summary>
internal static class SensorCheckReport
{
    public static void Show(IAnsiConsole console, SensorCheckDocument document)
    {
        CheckedNoise noise = document.Noise;
        string step = noise.StepMw is { } mw ? $", in steps of {Figures.Watts(mw / 1e3)}" : "";
        string stale = noise.StaleShare > 0.005 ? $"; {Figures.Percent(noise.StaleShare)} of the readings only repeated the one before" : "";
        console.Write(Tables.Facts(
            ("source", $"{document.Source}, {document.Provenance}"),
            ("at rest", $"{Figures.Watts(noise.MeanW)}, single readings ± {Figures.Watts(noise.DeviationMw / 1e3)}{step}"),
            ("drift", $"{(noise.DriftMwPerMinute < 0 ? "−" : "+")}{Figures.Watts(Math.Abs(noise.DriftMwPerMinute) / 1e3)} a minute, ± {Figures.Watts(noise.DriftErrorMwPerMinute / 1e3)}"),
            ("rate", $"{Figures.Digits(noise.RateHz)} new readings a second{stale}")));
        console.Line();

        Table table = Tables.Of("window>", "noise of its mean>", "windows>");
        foreach (NoisePoint point in noise.Means)
        {
            table.Row(Figures.Milliseconds(point.WindowS * 1e3), Figures.Watts(point.DeviationMw / 1e3), point.Windows.ToString(CultureInfo.InvariantCulture));
        }

        console.Write(table);
        foreach (VisiblePower visible in noise.Visible)
        {
            console.Line($"In loops of {Figures.Milliseconds(visible.LoopS * 1e3)} a difference of {Figures.Watts(visible.PowerMw / 1e3)} is seen with 95 % confidence{(visible.Seen ? "" : " (from shorter windows; --for 1m sees longer ones)")}.");
        }

        if (document.Model is { } model)
        {
            Show(console, model);
        }
    }

    private static void Show(IAnsiConsole console, CheckedModel model)
    {
        console.Line();
        console.Write(Tables.Facts(
            ("model", model.Path),
            ("inference", $"{Figures.Milliseconds(model.LatencyMs)}, {Figures.Watts(model.LoadW)} against {Figures.Watts(model.IdleW)} idle: {Figures.Millijoules(model.DynamicMj)} above idle")));
        foreach (VisibleEnergy visible in model.Visible)
        {
            string share = visible.LayerShare is { } part
                ? $"{Figures.Millijoules(visible.InferenceUj / 1e3)} an inference are seen, and {Figures.Percent(part)} of the energy of any layer in a loop of its own"
                : "the model's own power cannot be told from idle";
            console.Line($"In loops of {Figures.Milliseconds(visible.LoopS * 1e3)}: {share}.");
        }

        (string words, Color colour) = model.Verdict switch
        {
            "resolves" => ("This source resolves this model: differences that pruning makes are seen.", Color.Green),
            "coarse" => ("This source is coarse for this model: only larger differences are seen; use long loops.", Color.Yellow),
            _ => ("This source cannot resolve this model: take longer loops, another source, or a model that loads the board more.", Color.Red),
        };
        console.Line(words, new Style(colour));
    }
}
