namespace EdgePrune.Agent.Bundles;

/// <summary>A file that goes into a bundle.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Path">Where it is now.</param>
public sealed record BundleFile(string Name, ResourceRole Role, string Path);
