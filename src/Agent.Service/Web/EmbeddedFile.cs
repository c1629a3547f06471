using System.Reflection;

namespace EdgePrune.Agent.Service.Web;

/// <summary>Files that lie in the program.</summary>
internal static class EmbeddedFile
{
    /// <param name="name">As the project names it.</param>
    public static string Text(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the resource {name} is not in the program");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
