using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using YamlDotNet.RepresentationModel;

namespace EdgePrune.Pruner.Recipes;

/// <summary>Recipes as files: one YAML mapping, a section for each step; see docs/recipes.md.</summary>
internal static class RecipeFile
{
    private const string FormatKey = "recipe";
    private const int Format = 1;
    private const long MaxBytes = 1 << 20;

    public static PruneRecipe Load(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Length <= MaxBytes
                ? Parse(File.ReadAllText(path), path, Path.GetDirectoryName(Path.GetFullPath(path))!)
                : throw new InputException($"{path} has {file.Length:N0} bytes; no recipe is larger than {MaxBytes:N0}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {e.Message}", e);
        }
    }

    public static PruneRecipe Parse(string text, string file, string folder)
    {
        var problems = new YamlProblems(file);
        var root = new YamlMap(YamlMap.Root(text, file), "", problems);
        _ = root.Integer(FormatKey, Format, Format);
        var recipe = new PruneRecipe();
        foreach (IRecipeSection section in RecipeSections.All)
        {
            // Every key is asked for, so that what is left over is unknown.
            if (root.OptionalMap(section.Key) is { } map)
            {
                recipe = section.Read(map, recipe);
                map.Close();
            }
        }

        root.Close();
        problems.ThrowIfAny();
        return RecipePaths.Change(recipe, path => Path.GetFullPath(path, folder));
    }

    public static string Write(PruneRecipe recipe, string folder)
    {
        recipe = RecipePaths.Change(recipe, path => Path.GetRelativePath(folder, Path.GetFullPath(path)).Replace('\\', '/'));
        var root = new RecipeWriter();
        root.Number(FormatKey, Format, 0);
        foreach (IRecipeSection section in RecipeSections.All)
        {
            var map = new RecipeWriter();
            section.Write(map, recipe);
            root.Map(section.Key, map);
        }

        return Text(root.Node);
    }

    /// <summary>A document's text without the mark that ends it.</summary>
    public static string Text(YamlNode root)
    {
        const string End = "...\n";
        using var text = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(root)).Save(text, assignAnchors: false);
        string yaml = text.ToString().ReplaceLineEndings("\n");
        return yaml.EndsWith(End, StringComparison.Ordinal) ? yaml[..^End.Length] : yaml;
    }
}
