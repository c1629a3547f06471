namespace EdgePrune.Agent.Tests.Faults.FileOperations;

/// <summary>Something that a process has done and that may or may not be on the disk.</summary>
internal interface IPending
{
    /// <summary>How many things may become of it at a power cut: 0 is nothing, 1 is all of it, more are parts.</summary>
    int Fates { get; }

    string Describe(int fate);
}
