using System.Globalization;

namespace EdgePrune.DeviceVm.Commands;

/// <summary>Writes device files that name one source.</summary>
internal static class DeviceFile
{
    /// <summary>The INA219 on the bench, read over I2C by the product's own driver.</summary>
    /// <param name="averages">Conversions that the part averages.</param>
    /// <returns>The file's path.</returns>
    public static string Ina219(string folder, int bus, int address, double shuntOhms, int averages) => Write(
        folder,
        "bench-ina219",
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            sources:
              - kind: ina219
                bus: {bus}
                address: 0x{address:x2}
                adc_bits: 12
                averages: {averages}
                max_current_a: 3
                rails:
                  - name: supply
                    shunt_ohm: {shuntOhms}
                    total: true
            """));

    /// <param name="sources">The section "sources", as `edgeprune sensors` suggests it.</param>
    /// <returns>The file's path.</returns>
    public static string Write(string folder, string name, string sources)
    {
        string file = Path.Combine(folder, name + ".yaml");
        File.WriteAllText(file, $"""
            schema: 1
            name: {name}
            board: a guest under QEMU with simulated sensors
            {sources}
            idle:
              settle_s: 0.2
              window_s: 1
            alignment: [4]
            coefficients:
              idle_w: 2
              active_w_per_core: 3
              pj_per_mac: 0
              pj_per_byte: 0
            budgets:
              energy_percent: 70
              latency_percent: 100
              accuracy_drop_points: 1

            """);
        return file;
    }
}
