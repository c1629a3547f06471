namespace EdgePrune.Profiler.Tests.Sensors.I2c.Rig;

/// <summary>The bus of this build against the system calls of i2c-dev, answered by register models in another process.</summary>
public sealed class SystemCallTests
{
    [Fact]
    public void A_register_read_is_one_call_with_two_messages()
    {
        RigReport report = RigProcess.Run("repeat", "ina219", 400_000, 1);
        Assert.Null(report.Error);
        Assert.Equal(0x399F, report.Samples);
        Assert.Equal(1, report.Requests);
        Assert.Equal(2, report.Messages);
    }

#if !DEVICE_PACKAGES
    [Fact]
    public void Reading_allocates_nothing()
    {
        RigReport report = RigProcess.Run("repeat", "ina219", 400_000, 2000);
        Assert.Equal(2000, report.Requests);
        Assert.True(report.Allocated < 500, $"{report.Allocated} bytes for 1999 reads");
    }

    [Fact]
    public void An_adapter_for_SMBus_commands_only_is_refused()
    {
        RigReport report = RigProcess.Run("functions", "ina219", 400_000, "0EFF0008");
        Assert.Equal("SensorException", report.ErrorType);
        Assert.Contains("SMBus commands only", report.Error, StringComparison.Ordinal);
        Assert.Contains("/dev/i2c-1", report.Error, StringComparison.Ordinal);
    }
#endif

    [Theory]
    [InlineData(2, "raspi-config")]
    [InlineData(13, "usermod -aG i2c")]
    [InlineData(16, "is in use")]
    [InlineData(6, "modprobe i2c-dev")]
    public void A_bus_that_cannot_be_opened_is_told_with_what_to_do(int error, string words)
    {
        RigReport report = RigProcess.Run("open", "ina219", 400_000, error);
        Assert.Equal("SensorException", report.ErrorType);
        Assert.Contains("/dev/i2c-1", report.Error, StringComparison.Ordinal);
        Assert.Contains(words, report.Error, StringComparison.Ordinal);
        Assert.Contains($"(error {error})", report.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, "broke off")]
    [InlineData(6, "no part acknowledged")]
    [InlineData(11, "another master")]
    [InlineData(16, "in use")]
    [InlineData(19, "unplugged")]
    [InlineData(95, "cannot do this transfer")]
    [InlineData(110, "the bus hangs")]
    [InlineData(121, "no part acknowledged")]
    [InlineData(71, "the transfer failed")]
    public void A_transfer_that_fails_is_told_in_words(int error, string words)
    {
        RigReport report = RigProcess.Run("transfer", "ina219", 400_000, error);
        Assert.Equal("I2cTransferException", report.ErrorType);
        Assert.Equal(error, report.ErrorNumber);
        Assert.Contains(words, report.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ina219")]
    [InlineData("ina226")]
    [InlineData("ina3221")]
    public void A_window_through_the_kernel_gives_the_supplys_energy(string kind)
    {
        RigReport report = RigProcess.Run("measure", kind, 400_000, 1.0);
        for (int more = 0; more < 5 && report.Invalid is not null; more++)
        {
            // On a real clock a busy machine may not run the sampler for a while; such a window is rightly refused.
            report = RigProcess.Run("measure", kind, 400_000, 1.0);
        }

        Assert.Null(report.Error);
        Assert.Null(report.Invalid);
        Assert.Equal(kind == "ina3221" ? 3 : 1, report.Energy.Count);
        Assert.All(report.Energy, e => Assert.Equal(10, e / report.Duration, 0.02));
        Assert.InRange(report.Samples / report.Energy.Count, 20, report.Rounds + 1);
        Assert.True(report.Samples / report.Energy.Count <= report.Seen + 1, $"{report.Samples} readings of {report.Seen} rounds that were read");
    }

    [Theory]
    [InlineData("NoAcknowledge", "error 6")]
    [InlineData("Short", "error 5")]
    [InlineData("Stall", "error 110")]
    [InlineData("Vanished", "error 19")]
    public void A_fault_in_the_window_reaches_its_reason(string fault, string reason)
    {
        RigReport report = RigProcess.Run("measure", "ina219", 400_000, 1.0, fault);
        Assert.Null(report.Error);
        Assert.StartsWith("INA219 at i2c-1 0x40: ", report.Invalid, StringComparison.Ordinal);
        Assert.Contains(reason, report.Invalid, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ina219")]
    [InlineData("ina226")]
    [InlineData("ina3221")]
    public void Discovery_finds_the_part_by_reading(string kind)
    {
        using var root = new TestSupport.TempFolder();
        Directory.CreateDirectory(Path.Combine(root.Path, "dev"));
        File.WriteAllText(Path.Combine(root.Path, "dev", "i2c-1"), "");
        RigReport report = RigProcess.Run("discover", kind, 400_000, root.Path);
        Assert.Null(report.Error);
        Assert.Equal([$"{kind.ToUpperInvariant()} at i2c-1 0x40"], report.Found);
    }
}
