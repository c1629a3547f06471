using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.CrashChild;

/// <summary>
/// Something done to a store, from a known start to a known end. <c>Old</c> and <c>New</c> are the models (file names
/// without extension; null: none) of which one must serve, whatever goes wrong on the way.
/// </summary>
public sealed record Scenario(string Name, string? Old, string? New, Action<ScenarioFolders> Prepare, Action<ScenarioFolders, ModelStoreOptions> Act)
{
    private static readonly DeployRequest Request = new();

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("deploy", "a", "b", WithHistory, (f, o) => Open(f, o, (_, d) => d.Deploy(f.Model("b"), Request))),
        new("roll back from probation", "a", "b", WithHistory, (f, o) => Open(f, o, (_, d) => d.RollBack(d.Begin(f.Model("b"), Request), "worse"))),
        new("roll back to previous", "a", "c", WithHistory, (f, o) => Open(f, o, (_, d) => d.RollBackToPrevious("asked"))),
        new("refuse", "a", "a", WithHistory, (f, o) => Open(f, o, (_, d) => Refuse(() => d.Deploy(f.Model("bad"), Request)))),
        new("first deploy", null, "b", _ => { }, (f, o) => Open(f, o, (_, d) => d.Deploy(f.Model("b"), Request))),
        new("first rolled back", null, "b", _ => { }, (f, o) => Open(f, o, (_, d) => d.RollBack(d.Begin(f.Model("b"), Request), "worse"))),
        new("set lines aside", "a", "b", WithHistory, (f, o) => Open(f, o with { JournalLines = 6 }, (_, d) => d.Deploy(f.Model("b"), Request))),
        new("recover", "a", "b", WithProbation, (f, o) => Open(f, o, (_, _) => { })),
    ];

    public static Deployer CreateDeployer(ModelStore store) => new(store, new PrefixCheck(), new FixedPreflight());

    private static void Open(ScenarioFolders folders, ModelStoreOptions options, Action<ModelStore, Deployer> act)
    {
        using ModelStore store = ModelStore.Open(folders.Store, options);
        act(store, CreateDeployer(store));
    }

    private static void Refuse(Action act)
    {
        try
        {
            act();
        }
        catch (InputException)
        {
            return;
        }

        throw new InvalidOperationException("a bad model was taken");
    }

    private static void WithHistory(ScenarioFolders folders) => Open(folders, new ModelStoreOptions(), (_, deployer) =>
    {
        deployer.Deploy(folders.Model("c"), Request);
        deployer.Deploy(folders.Model("a"), Request);
    });

    // The store closes under the undecided deployment, as it does when the process ends.
    private static void WithProbation(ScenarioFolders folders)
    {
        WithHistory(folders);
        Open(folders, new ModelStoreOptions(), (_, deployer) => deployer.Begin(folders.Model("b"), Request));
    }
}
