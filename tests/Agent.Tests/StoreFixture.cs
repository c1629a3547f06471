using EdgePrune.Agent.CrashChild;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Tests;

/// <summary>A folder with models and an open store, for one test.</summary>
internal sealed class StoreFixture : IDisposable
{
    private readonly RamFolder _temp = new();

    public StoreFixture(ModelStoreOptions? options = null)
    {
        Folders = new ScenarioFolders(_temp.Path).CreateModels();
        Open(options);
    }

    public ScenarioFolders Folders { get; }

    public ModelStore Store { get; private set; } = null!;

    public Deployer Deployer { get; private set; } = null!;

    public void Open(ModelStoreOptions? options = null)
    {
        Store = ModelStore.Open(Folders.Store, options);
        Deployer = Scenario.CreateDeployer(Store);
    }

    public void Reopen(ModelStoreOptions? options = null)
    {
        Store.Dispose();
        Open(options);
    }

    public DeployResult Deploy(string model) => Deployer.Deploy(Folders.Model(model), new DeployRequest());

    public ActiveDeployment Begin(string model) => Deployer.Begin(Folders.Model(model), new DeployRequest());

    public ModelDigest DigestOf(string model) => Folders.DigestOf(model);

    public string PathOf(string model) => Store.Reader.PathOf(DigestOf(model));

    public void Dispose()
    {
        Store.Dispose();
        _temp.Dispose();
    }
}
