using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Devices;

/// <summary>A board as its file in <c>devices/</c> describes it. Read with <see cref="DeviceFiles"/>.</summary>
/// <param name="Name">Short name, equal to the file's name without its extension.</param>
/// <param name="Board">What it is, in words.</param>
/// <param name="Sources">Power sources in order of preference.</param>
/// <param name="Idle">How the idle power is found.</param>
/// <param name="Alignment">Channel multiples at which the cost of a layer may step; a sweep tests these.</param>
/// <param name="MemoryBytes">Memory that a model may use; null where the file leaves it open.</param>
/// <param name="Coefficients">Coefficients of the modelled source.</param>
/// <param name="Budgets">What a command aims at where the user says nothing.</param>
public sealed record Device(
    string Name,
    string Board,
    IReadOnlyList<PowerSourceEntry> Sources,
    IdleProcedure Idle,
    IReadOnlyList<int> Alignment,
    long? MemoryBytes,
    EnergyCoefficients Coefficients,
    DefaultBudgets Budgets)
{
    /// <summary>GPIO pin that is raised during measured windows, in the numbering of the controller; null for none.</summary>
    public int? MarkerPin { get; init; }

    /// <summary>Reads a device by name (devices folder, then the files built in) or by path.</summary>
    /// <exception cref="Onnx.InputException">No such device, or its file is not right; every problem is listed.</exception>
    public static Device Load(string nameOrPath) => DeviceFiles.Load(nameOrPath);
}

/// <summary>One power source of a board.</summary>
/// <param name="Kind">Family of the source.</param>
/// <param name="Bus">I2C bus number, or null.</param>
/// <param name="Address">I2C address, or null.</param>
/// <param name="Rails">The rails that it carries.</param>
public sealed record PowerSourceEntry(string Kind, int? Bus, int? Address, IReadOnlyList<RailEntry> Rails)
{
    /// <summary>The kind that reads no hardware.</summary>
    public const string Modelled = "modelled";

    /// <summary>Resolution of the converter in bits, where the part lets one choose (INA219: 9 to 12).</summary>
    public int? AdcBits { get; init; }

    /// <summary>Conversions that the part averages before it shows a value; null for 1.</summary>
    public int? Averages { get; init; }

    /// <summary>Conversion time in microseconds, where the part lets one choose (INA226, INA3221).</summary>
    public int? ConversionMicroseconds { get; init; }

    /// <summary>Clock of the I2C bus in hertz, which bounds how often a part can be asked; null for 100 000.</summary>
    public int? BusHertz { get; init; }

    /// <summary>Largest current in amperes that must be measured, where the part's range depends on it.</summary>
    public double? MaxAmperes { get; init; }

    /// <summary>
    /// Half width of the 95 % interval of the source's gain in percent: tolerance of the shunt and of the converter together.
    /// </summary>
    public double? AccuracyPercent { get; init; }

    /// <summary>What is simulated, for kind <c>simulated</c>.</summary>
    public SimulationEntry? Simulation { get; init; }

    /// <summary>A file or folder: a recorded trace to replay, an hwmon name, a calibration of counters.</summary>
    public string? Path { get; init; }

    /// <summary>Where the excerpt of a replayed trace begins, in seconds of the trace; null to play it in real time.</summary>
    public double? FromSeconds { get; init; }

    /// <summary>Where the excerpt ends.</summary>
    public double? ToSeconds { get; init; }
}

/// <summary>A simulated board and the part that measures it.</summary>
/// <param name="Part">The kind of source whose driver reads it: ina219, ina226, ina3221, hwmon, rapl or rpi5-pmic.</param>
/// <param name="Idle">Power at rest.</param>
/// <param name="SupplyFilter">Time constant of the supply's capacitors.</param>
/// <param name="GainErrorPercent">Error of the shunt, which the driver does not know.</param>
/// <param name="BackgroundWatts">Standard deviation of the slow change of the idle power.</param>
/// <param name="NoisePercent">Noise of one shunt conversion, of the shunt voltage at rest.</param>
/// <param name="Seed">Of everything random in it.</param>
public sealed record SimulationEntry(
    string Part, Watts Idle, Seconds SupplyFilter, double GainErrorPercent, double BackgroundWatts, double NoisePercent, int Seed);

/// <summary>One rail of a source.</summary>
/// <param name="Name">Name in reports.</param>
/// <param name="Label">The label by which sysfs knows it, where it has one.</param>
/// <param name="Channel">Channel of the part, from 1, where it has several.</param>
/// <param name="ShuntOhms">Shunt resistance in ohms, where the driver must know it.</param>
/// <param name="Role">Total, part or detail; see <see cref="RailRole"/>.</param>
public sealed record RailEntry(string Name, string? Label, int? Channel, double? ShuntOhms, RailRole Role);

/// <summary>How long to wait before and how long to average for the idle power.</summary>
public sealed record IdleProcedure(Seconds Settle, Seconds Window)
{
    /// <summary>Power that the board can draw at rest; a sensor that says otherwise has a wrong shunt. Null where nobody knows.</summary>
    public (Watts Low, Watts High)? Plausible { get; init; }
}

/// <summary>Coefficients of the modelled source.</summary>
/// <param name="Idle">Power of the idle board.</param>
/// <param name="ActivePerCore">Power above idle for each busy core.</param>
/// <param name="PicojoulesPerMac">Energy of one multiply-accumulate beyond that.</param>
/// <param name="PicojoulesPerByte">Energy of one byte read or written.</param>
public sealed record EnergyCoefficients(Watts Idle, Watts ActivePerCore, double PicojoulesPerMac, double PicojoulesPerByte);

/// <summary>Targets in percent of the original model, and the accuracy that may be lost in percentage points.</summary>
public sealed record DefaultBudgets(double EnergyPercent, double LatencyPercent, double AccuracyDropPoints);
