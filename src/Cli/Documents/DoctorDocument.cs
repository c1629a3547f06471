namespace EdgePrune.Cli.Documents;

/// <summary>What <c>doctor</c> knows about the machine; also its JSON document.</summary>
/// <param name="Version">Version of edgeprune.</param>
/// <param name="Sdk">SDK that it was built with.</param>
/// <param name="Runtime">.NET runtime that it runs on.</param>
/// <param name="Os">Operating system.</param>
/// <param name="Architecture">Processor architecture of this process.</param>
/// <param name="Cores">Logical processors that this process may use.</param>
/// <param name="MemoryBytes">Memory that this process may use.</param>
/// <param name="Onnxruntime">The inference runtime.</param>
/// <param name="DevicePackages">Whether the device libraries are in this build.</param>
/// <param name="Sensors">Power sources that this build can read here.</param>
/// <param name="Store">Where models are deployed to.</param>
/// <param name="Problems">What will not work, and what to do about it.</param>
internal sealed record DoctorDocument(
    string Version,
    string Sdk,
    string Runtime,
    string Os,
    string Architecture,
    int Cores,
    long MemoryBytes,
    RuntimeFacts Onnxruntime,
    bool DevicePackages,
    IReadOnlyList<SensorFacts> Sensors,
    StoreFacts Store,
    IReadOnlyList<string> Problems);

/// <param name="Version">Version of ONNX Runtime's native library.</param>
/// <param name="Providers">Execution providers in this build of it.</param>
internal sealed record RuntimeFacts(string Version, IReadOnlyList<string> Providers);

/// <param name="Name">Part and address.</param>
/// <param name="Provenance">How its figures are marked.</param>
/// <param name="Rails">Names of the rails.</param>
internal sealed record SensorFacts(string Name, string Provenance, IReadOnlyList<string> Rails);

/// <param name="Path">Full path of the folder.</param>
/// <param name="Exists">Whether anything has been deployed there.</param>
/// <param name="Current">Digest of the model that serves, or null.</param>
/// <param name="FreeBytes">Free space on its disk, or null where that cannot be told.</param>
internal sealed record StoreFacts(string Path, bool Exists, string? Current, long? FreeBytes);
