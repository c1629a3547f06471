using System.Text.Json;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>Reads and writes calibrations. A file may come from anywhere: everything in it is checked.</summary>
public static class CounterCalibrationFile
{
    /// <summary>How the names of such files end.</summary>
    public const string Extension = ".counters.json";

    private const int MostBytes = 1 << 20;
    private const int LongestText = 200;
    private const int MostCoefficients = 32;
    private const int MostPoints = 1000;
    private const double MostWatts = 1000;
    private const double MostPicojoules = 1e12; // a joule a count
    private const double MostPercent = 1e6;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        MaxDepth = 8,
    };

    /// <summary>Writes it whole or not at all.</summary>
    /// <exception cref="InputException">The path cannot be written.</exception>
    public static void Save(CounterCalibration calibration, string path) =>
        AtomicFile.WriteText(path, JsonSerializer.Serialize(calibration, Json) + "\n");

    /// <exception cref="InputException">It is missing, or is no calibration; says what is wrong with it.</exception>
    public static CounterCalibration Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            // Pipes and devices have no length; opening one could wait for ever.
            long length = new FileInfo(path).Length;
            if (length is 0 or > MostBytes)
            {
                throw new InputException($"{path} is {(length == 0 ? "empty" : "larger than any calibration")}; a file that 'edgeprune calibrate' wrote was expected");
            }

            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"calibration {path} does not exist; 'edgeprune calibrate' writes one on a board with a power sensor", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InputException($"calibration {path} cannot be read: {e.Message}", e);
        }
    }

    /// <param name="text">JSON.</param>
    /// <param name="path">How messages name it.</param>
    public static CounterCalibration Parse(string text, string path)
    {
        CounterCalibration calibration;
        try
        {
            calibration = JsonSerializer.Deserialize<CounterCalibration>(text, Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException bad)
        {
            throw new InputException($"{path} is no calibration of counters: {bad.Message}", bad);
        }

        if (Problem(calibration) is { } problem)
        {
            throw new InputException($"{path} is no calibration of counters: {problem}");
        }

        return calibration;
    }

    private static string? Problem(CounterCalibration read)
    {
        string?[] texts = [read.Device, read.Processor, read.Governor, read.Sensor];
        return read.Format != CounterCalibration.CurrentFormat ? $"format must be {CounterCalibration.CurrentFormat}, not '{Short(read.Format)}'"
            : texts.Any(t => t is not null && (t.Length is 0 or > LongestText || t.Any(char.IsControl))) ? $"device, processor, governor and sensor are names of 1 to {LongestText} characters"
            : read.SensorProvenance != Provenance.Measured("").Word && read.SensorProvenance != Provenance.Simulated("").Word ? $"sensor_provenance must be measured or simulated, not '{Short(read.SensorProvenance)}'"
            : !IsWithin(read.IdleWatts, MostWatts) ? $"idle_watts must be from 0 to {MostWatts}"
            : read.Coefficients.Count is 0 or > MostCoefficients || read.Coefficients.Any(c => c is null) ? $"there must be 1 to {MostCoefficients} coefficients"
            : read.Coefficients.FirstOrDefault(c => !PerfEvents.IsKnown(c.Event)) is { } unknown ? $"there is no counter '{Short(unknown.Event)}'"
            : read.Coefficients.GroupBy(c => c.Event).FirstOrDefault(g => g.Count() > 1) is { } twice ? $"counter {twice.Key} has two coefficients"
            : read.Coefficients.FirstOrDefault(c => !IsWithin(c.Picojoules, MostPicojoules)) is { } wild ? $"picojoules of {wild.Event} must be from 0 to {MostPicojoules:G}"
            : !IsWithin(read.Error.MedianPercent, MostPercent) || !IsWithin(read.Error.WorstPercent, MostPercent) || read.Error.MedianPercent > read.Error.WorstPercent ? "its error must be a median and a worst percentage, the worst not below the median"
            : read.Error.Workloads is < 1 or > MostPoints || !(read.Condition >= 1 && double.IsFinite(read.Condition)) ? "its error must rest on at least one workload, and its condition must be at least 1"
            : read.Points.Count > MostPoints || read.Points.Any(p => p is null || p.Workload.Length > LongestText || !double.IsFinite(p.DynamicWatts) || !double.IsFinite(p.HeldOutWatts)) ? $"there may be at most {MostPoints} points, of finite powers"
            : null;
    }

    private static bool IsWithin(double value, double most) => value >= 0 && value <= most;

    private static string Short(string text) => Printable.Name(text.Length > 40 ? text[..40] : text);
}
