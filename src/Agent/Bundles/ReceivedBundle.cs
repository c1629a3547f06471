using EdgePrune.Agent.Signing;

namespace EdgePrune.Agent.Bundles;

/// <summary>A bundle of which every byte has been checked, with its files in a folder that goes when this is disposed.</summary>
public sealed class ReceivedBundle : IDisposable
{
    private readonly string _folder;

    internal ReceivedBundle(BundleManifest manifest, Envelope envelope, string folder)
    {
        Manifest = manifest;
        Envelope = envelope;
        _folder = folder;
    }

    public BundleManifest Manifest { get; }

    /// <summary>The signed manifest.</summary>
    public Envelope Envelope { get; }

    /// <summary>The model's file.</summary>
    public string ModelPath => PathOf(ResourceRole.Model)!;

    /// <summary>The canary's file; null where the bundle holds none.</summary>
    public string? CanaryPath => PathOf(ResourceRole.Canary);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Files are named by their place in the manifest: no name from outside becomes a path.</summary>
    internal static string PathOf(string folder, int index) =>
        Path.Combine(folder, index.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private string? PathOf(ResourceRole role)
    {
        for (int i = 0; i < Manifest.Resources.Count; i++)
        {
            if (Manifest.Resources[i].Role == role)
            {
                return PathOf(_folder, i);
            }
        }

        return null;
    }
}
