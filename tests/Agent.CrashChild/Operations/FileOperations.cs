using System.Reflection;
using System.Runtime.InteropServices;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Agent.CrashChild.Operations;

/// <summary>The library that stands between this process and libc (fileops.c beside the tests), loaded with LD_PRELOAD.</summary>
public static partial class FileOperations
{
    /// <summary>Ends the process at the operation, as <c>kill -9</c> does.</summary>
    public const int Kill = -1;

    /// <summary>The operation never returns.</summary>
    public const int Hang = -2;

    private const string Library = "fileops";

    /// <summary>
    /// Makes the calls that the product makes to libc by itself go through the library as well: they are looked up in libc and
    /// would pass it by.
    /// </summary>
    /// <param name="path">The compiled library.</param>
    public static void Use(string path)
    {
        nint library = NativeLibrary.Load(path);
        foreach (Assembly assembly in (Assembly[])[typeof(AtomicFile).Assembly, typeof(ModelStore).Assembly, typeof(FileOperations).Assembly])
        {
            NativeLibrary.SetDllImportResolver(assembly, (name, _, _) => name is "libc" or Library ? library : 0);
        }
    }

    /// <summary>Begins to count the operations below a folder.</summary>
    /// <param name="folder">The folder, a full path without links.</param>
    /// <param name="log">Where the operations are recorded; null: nowhere.</param>
    /// <param name="failAt">The operation, counted from 1, that does not go well; 0: all do.</param>
    /// <param name="failWith">An errno, <see cref="Kill"/> or <see cref="Hang"/>.</param>
    /// <param name="failAgain">Whether all later operations fail as well.</param>
    [LibraryImport(Library, EntryPoint = "fileops_begin", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void Begin(string folder, string? log, nint failAt, int failWith, [MarshalAs(UnmanagedType.I4)] bool failAgain);

    /// <summary>Ends counting.</summary>
    /// <returns>How many operations there were.</returns>
    [LibraryImport(Library, EntryPoint = "fileops_end")]
    internal static partial nint End();

    /// <summary>Puts a word between the operations: what has been acknowledged to whoever asked.</summary>
    [LibraryImport(Library, EntryPoint = "fileops_mark", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void Mark(string text);
}
