
namespace EdgePrune.Cli.Tests.Profiles;

/// <summary>Profiles of a small network with figures that never change.</summary>
internal static class ProfileSamples
{
    private const string Runtime = "ONNX Runtime 1.29.0, CPU, 1 thread, ORT_ENABLE_ALL";
    private static readonly ProfileConditions Cool = new(4, "performance", 1500, 52.3, 0, 0.12);
    private static readonly ProfileConditions Warm = new(4, "performance", 1500, 58.9, 0, 1.04);

    private static readonly (string Name, string Op, double Us, double Watts, long Macs, string[] Nodes)[] Rows =
    [
        ("relu1", "FusedConv", 412.5, 2.41, 4_718_592, ["conv1", "relu1"]),
        ("relu2", "FusedConv", 803.1, 2.78, 9_437_184, ["stage1/block0/conv2", "relu2"]),
        ("pool", "MaxPool", 31.4, 1.12, 0, ["pool"]),
        ("reorder_0", "ReorderOutput", 6.02, 0.94, 0, []),
        ("fc", "Gemm", 118.7, 1.95, 524_288, ["fc"]),
        ("softmax", "Softmax", 2.11, 0.41, 0, ["softmax"]),
    ];

    /// <summary>Energies from coefficients; no sensor.</summary>
    public static ProfileDocument Modelled { get; } = Make("modelled", "coefficients of host.yaml", null, 0.004);

    /// <summary>Energies from a sensor.</summary>
    public static ProfileDocument Measured { get; } = Make("measured", "INA219 at i2c-1 0x40", Measurement(), 0.018);

    /// <summary>A sensor was there, and its run cannot be trusted.</summary>
    public static ProfileDocument Invalid { get; } = Measured with
    {
        Network = Measured.Network with { EnergyMj = null, DynamicEnergyMj = null },
        Layers = [.. Measured.Layers.Select(l => l with { EnergyUj = null, DynamicEnergyUj = null, EnergyWindows = null, EnergySamples = null, IsBoosted = null })],
        Closure = Measured.Closure with { EnergyResidualPct = null },
        Measurement = Measurement() with
        {
            Invalid = "5 windows in a row could not be used: the processor throttled",
            Plan = "",
            Windows = 12,
            IdleW = null,
            OverheadUj = null,
            DynamicResidualPct = null,
            TotalResidualPct = null,
            Condition = null,
            PrecisionPct = null,
            PrecisionInFourTimesPct = null,
        },
        Warnings = ["the energy measurement is not valid: 5 windows in a row could not be used: the processor throttled"],
    };

    /// <summary>The same with every time and energy multiplied, which intervals follow.</summary>
    public static ProfileDocument Scaled(ProfileDocument document, double factor) => document with
    {
        Network = document.Network with
        {
            LatencyMs = document.Network.LatencyMs with
            {
                Median = document.Network.LatencyMs.Median * factor,
                Low = document.Network.LatencyMs.Low * factor,
                High = document.Network.LatencyMs.High * factor,
            },
            EnergyMj = By(document.Network.EnergyMj, factor),
            DynamicEnergyMj = By(document.Network.DynamicEnergyMj, factor),
        },
        Layers = [.. document.Layers.Select(l => l with { TimeUs = By(l.TimeUs, factor), EnergyUj = By(l.EnergyUj, factor), DynamicEnergyUj = By(l.DynamicEnergyUj, factor) })],
    };

    /// <summary>The same with other names, which came from someone who means harm.</summary>
    public static ProfileDocument Named(ProfileDocument document, params string[] names) => document with
    {
        Layers = [.. document.Layers.Select((l, i) => i < names.Length ? l with { Name = names[i], Op = names[i], Nodes = [names[i]] } : l)],
    };

    private static ProfileDocument Make(string provenance, string source, ProfileMeasurement? measurement, double spread)
    {
        const double idle = 1.87;
        double sum = Rows.Sum(r => r.Us);
        ProfileLayer[] layers =
        [
            .. Rows.Select((r, i) => new ProfileLayer(
                r.Name, r.Op, r.Nodes, Around(r.Us, 0.006 + (0.002 * i), 12),
                Around(r.Us * (r.Watts + idle), spread + (0.003 * i), measurement is null ? 12 : 10),
                Around(r.Us * r.Watts, (1.5 * spread) + (0.003 * i), measurement is null ? 12 : 10),
                measurement is null ? null : 10, measurement is null ? null : 4_800 + i, measurement is null ? null : i < 2,
                r.Us / sum, r.Macs, r.Macs / 60, 65_536 + (r.Macs / 40), 32_768 >> i)),
            new("dropout", "Identity", ["dropout"], null, null, null, null, null, null, 0, 0, 0, 128, 128),
        ];
        double network = 1.02 * sum / 1e3;
        double joules = Rows.Sum(r => r.Us * (r.Watts + idle)) / 1e3;
        return new ProfileDocument(
            ProfileDocument.CurrentFormat, "small.onnx", "raspberry-pi-4", provenance, source, Runtime,
            new ProfileNetwork(
                new LatencyFigure(network, network * 0.997, network * 1.004, network * 1.03, network * 1.09, 1_834),
                Around(joules * 1.012, spread / 2, 300), Around((joules * 1.012) - (idle * network), spread / 2, 300), 14_680_064, 197_322, 796_819, 98_304),
            layers,
            new ProfileClosure(Around(sum / 1e3, 0.003, 12), Around(9.4, 0.05, 12), new Figure(-1.3, -1.9, -0.6, 12), new Figure(-0.4, -1.6, 0.7, 300)),
            measurement, Cool, Warm, measurement is null ? ["the machine was busy (load 4.2 on 4 cores)"] : []);
    }

    private static ProfileMeasurement Measurement() => new(
        null, "5 blocks of 6 layers (2 also repeated inside the network), windows of 750 ms", 61.3, 108,
        new Dictionary<string, int> { ["the processor's frequency changed"] = 2, ["board gave 2 new readings in 40 ms"] = 1 },
        new Figure(1.87, 1.861, 1.879, 108), new Figure(24.8, 21.9, 27.7, 108), new Figure(-0.8, -2.1, 0.5, 108), new Figure(-0.4, -1.6, 0.7, 108),
        8.4, 1.82, 0.97, [.. Enumerable.Range(0, 24).SelectMany(i => Window(i))]);

    private static double[][] Window(int i)
    {
        double watts = i % 2 == 0 ? 1.87 : 1.87 + Rows[i / 2 % Rows.Length].Watts;
        return [[i * 0.8, watts], [(i * 0.8) + 0.75, watts]];
    }

    private static Figure Around(double value, double share, int samples) =>
        new(Math.Round(value, 6), Math.Round(value * (1 - share), 6), Math.Round(value * (1 + share), 6), samples);

    private static Figure? By(Figure? figure, double factor) =>
        figure is null ? null : figure with { Median = figure.Median * factor, Low = figure.Low * factor, High = figure.High * factor };
}
