namespace EdgePrune.DeviceVm;

/// <summary>Arguments of the program in the guest.</summary>
/// <param name="Share">Folder that the host sees, for the report.</param>
/// <param name="Program">The built edgeprune.dll.</param>
/// <param name="Only">The one group of checks to run, or empty for all.</param>
internal sealed record GuestOptions(string Share, string Program, string Only)
{
    /// <exception cref="InvalidDataException">An argument is missing or unknown.</exception>
    public static GuestOptions Parse(IReadOnlyList<string> args)
    {
        string share = "", program = "", only = "";
        for (int i = 0; i + 1 < args.Count; i += 2)
        {
            switch (args[i])
            {
                case "--share": share = args[i + 1]; break;
                case "--program": program = args[i + 1]; break;
                case "--only": only = args[i + 1]; break;
                default: throw new InvalidDataException($"'{args[i]}' is not understood");
            }
        }

        return share.Length > 0 && program.Length > 0
            ? new GuestOptions(share, program, only)
            : throw new InvalidDataException("--share FOLDER and --program FILE are needed");
    }

    public bool Wants(string group) => Only.Length == 0 || Only == group;
}
