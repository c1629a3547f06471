using System.Globalization;

namespace EdgePrune.I2cRig;

/// <summary>Names such as /dev/i2c-1 and, for the file that stands for it, "/memfd:i2c-1 (deleted)".</summary>
internal static class I2cDeviceName
{
    public static bool TryParse(string name, string prefix, out int bus)
    {
        bus = -1;
        if (!name.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        string number = name[prefix.Length..].Split(' ')[0];
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out bus);
    }
}
