using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgePrune.Agent.Bundles;

namespace EdgePrune.Agent.Tests.Bundles;

/// <summary>Changes bundles as somebody without a key can.</summary>
internal static class Rearchive
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text of a document that has been changed, with a plus sign spelt as the signer spells it.</summary>
    public static string Text(JsonNode node) => node.ToJsonString(Plain);

    /// <summary>The same files after another manifest.</summary>
    public static byte[] WithManifest(byte[] bundle, byte[] manifest)
    {
        Assert.True(BundleArchive.TryReadManifestSize(bundle.AsSpan(0, BundleArchive.BlockBytes), out long size));
        return
        [
            .. BundleArchive.Header(BundleArchive.ManifestName, manifest.Length),
            .. manifest,
            .. new byte[BundleArchive.Padding(manifest.Length)],
            .. bundle.AsSpan(BundleArchive.BlockBytes + (int)size + BundleArchive.Padding(size)),
        ];
    }
}
