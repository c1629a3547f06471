using EdgePrune.Agent.CrashChild;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests;

public sealed class DeployerTests
{
    [Fact]
    public void Deploying_goes_through_every_state_and_keeps_the_replaced_model()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        DeployResult result = f.Deployer.Deploy(f.Folders.Model("b"), new DeployRequest { Note = "by hand" }, TestContext.Current.CancellationToken);

        Assert.Equal(f.DigestOf("b"), result.Digest);
        Assert.Equal(f.DigestOf("a"), result.Replaced);
        Assert.Equal(f.PathOf("b"), result.Path);
        Assert.Equal(f.DigestOf("b"), f.Store.Reader.Current);
        Assert.Equal(f.DigestOf("a"), f.Store.Reader.Previous);
        Assert.Equal(
            [DeploymentState.Received, DeploymentState.Verified, DeploymentState.Staged, DeploymentState.Preflight, DeploymentState.Switched, DeploymentState.Probation, DeploymentState.Committed],
            f.Store.History.Skip(7).Select(e => e.State));
        Assert.All(f.Store.History.Skip(7), e => Assert.Equal("by hand", e.Note));
        Assert.Equal(f.Store.History, new StoreReader(f.Folders.Store).ReadHistory());
    }

    [Fact]
    public void The_same_model_twice_is_done_once_and_says_so()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        int lines = f.Store.History.Count;
        DeployResult again = f.Deploy("a");
        Assert.True(again.AlreadyCurrent);
        Assert.Equal(f.DigestOf("a"), again.Digest);
        Assert.Equal(lines, f.Store.History.Count);
        Assert.Null(f.Store.Reader.Previous);

        using ActiveDeployment handle = f.Begin("a");
        Assert.Equal(f.Store.History[^1].Deployment, handle.Id); // the one that has brought it here
        f.Deployer.RollBack(handle, "nothing to roll back");
        Assert.Equal(f.DigestOf("a"), f.Store.Reader.Current);
    }

    [Fact]
    public void On_probation_the_new_model_serves_and_the_old_one_is_kept()
    {
        using var f = new StoreFixture();
        f.Deploy("c");
        f.Deploy("a");
        using ActiveDeployment deployment = f.Begin("b");
        Assert.Equal(DeploymentState.Probation, deployment.State);
        Assert.Equal(f.DigestOf("a"), deployment.Replaces);
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("b"));
        Assert.Equal(0, f.Store.CollectGarbage()); // all of a, b and c are still needed
        Assert.Contains("still on probation", Assert.Throws<InputException>(() => f.Deploy("d")).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => f.Deployer.RollBackToPrevious("no"));
        // Nor may another deployer on the same store end it.
        Assert.Throws<InputException>(() => Scenario.CreateDeployer(f.Store).RollBackToPrevious("no"));

        f.Deployer.RollBack(deployment, "slower");
        Assert.Equal(DeploymentState.RolledBack, deployment.State);
        Assert.Equal(f.DigestOf("a"), f.Store.Reader.Current);
        Assert.Equal(f.DigestOf("c"), f.Store.Reader.Previous);
        Assert.Equal("slower", f.Store.History[^1].Reason);
        Assert.False(File.Exists(f.PathOf("b")));
        Assert.Throws<InvalidOperationException>(() => f.Deployer.Commit(deployment));
    }

    [Fact]
    public void Disposing_an_undecided_deployment_rolls_it_back()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        using (f.Begin("b"))
        {
            Invariant.AssertServes(f.Folders.Store, f.DigestOf("b"));
        }

        Assert.Equal(f.DigestOf("a"), f.Store.Reader.Current);
        Assert.Equal(DeploymentState.RolledBack, f.Store.History[^1].State);
        Assert.Equal(f.DigestOf("b"), f.Deploy("b").Digest);
    }

    [Fact]
    public void Rolling_back_to_previous_works_once()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        f.Deploy("b");
        DeployResult result = f.Deployer.RollBackToPrevious("too warm");
        Assert.Equal((f.DigestOf("a"), f.DigestOf("b")), (result.Digest, result.Replaced));
        Assert.Equal("too warm", f.Store.History[^1].Reason);
        Assert.Equal(f.DigestOf("a"), f.Store.Reader.Current);
        Assert.Contains("no previous model", Assert.Throws<InputException>(() => f.Deployer.RollBackToPrevious("again")).Message, StringComparison.Ordinal);
        Assert.Equal(f.DigestOf("a"), f.Store.Reader.Current);
        Assert.Equal(f.DigestOf("a"), f.Deploy("c").Replaced);
    }

    [Fact]
    public void A_store_with_one_model_or_none_has_nothing_to_roll_back_to()
    {
        using var f = new StoreFixture();
        Assert.Throws<InputException>(() => f.Deployer.RollBackToPrevious("why not"));
        f.Deploy("a");
        Assert.Throws<InputException>(() => f.Deployer.RollBackToPrevious("why not"));
        Assert.Equal(f.DigestOf("a"), f.Store.Reader.Current);
    }

    [Fact]
    public void A_model_that_the_check_refuses_changes_nothing()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        Assert.Equal("the model begins badly", Assert.Throws<InputException>(() => f.Deploy("bad")).Message);
        Assert.Equal((DeploymentState.Refused, "the model begins badly"), (f.Store.History[^1].State, f.Store.History[^1].Reason));
        Assert.Equal(f.DigestOf("a"), f.Store.Reader.Current);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(f.PathOf("a"))!));
    }

    [Fact]
    public void A_model_that_the_preflight_refuses_changes_nothing()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        var deployer = new Deployer(f.Store, new PrefixCheck(), new FixedPreflight(passes: false));
        InputException e = Assert.Throws<InputException>(() => deployer.Deploy(f.Folders.Model("b"), new DeployRequest(), TestContext.Current.CancellationToken));
        Assert.Contains("it said no", e.Message, StringComparison.Ordinal);
        Assert.Equal(DeploymentState.Refused, f.Store.History[^1].State);
        Assert.Equal(f.DigestOf("a"), f.Store.Reader.Current);
        Assert.False(File.Exists(f.PathOf("b")));
    }

    [Fact]
    public void Cancelling_before_the_switch_changes_nothing()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => f.Deployer.Deploy(f.Folders.Model("b"), new DeployRequest(), cancelled.Token));
        Assert.Equal((DeploymentState.Refused, "cancelled"), (f.Store.History[^1].State, f.Store.History[^1].Reason));
        Assert.Equal(f.DigestOf("a"), f.Store.Reader.Current);
    }

    [Fact]
    public void Going_back_to_a_damaged_model_is_refused_and_after_a_crash_the_new_one_stays()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        ActiveDeployment deployment = f.Begin("b");
        HostileStoreTests.Damage(f.PathOf("a"));
        Assert.Contains("cannot roll back", Assert.Throws<InputException>(() => f.Deployer.RollBack(deployment, "worse")).Message, StringComparison.Ordinal);
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("b"));

        f.Reopen();
        Assert.Equal(DeploymentState.Committed, f.Store.Recovered!.State);
        Assert.Contains("damaged", f.Store.Recovered.Reason, StringComparison.Ordinal);
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("b"));
        Assert.Throws<InputException>(() => f.Deployer.RollBackToPrevious("worse"));
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("b"));
    }

    [Fact]
    public void Where_the_model_before_is_damaged_the_one_before_that_serves_again()
    {
        using var f = new StoreFixture();
        f.Deploy("c");
        f.Deploy("a");
        ActiveDeployment deployment = f.Begin("b");
        HostileStoreTests.Damage(f.PathOf("a"));
        f.Deployer.RollBack(deployment, "worse");
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("c"));
        Assert.Null(f.Store.Reader.Previous);
        Assert.Equal($"worse; the model before it, {f.DigestOf("a")}, is damaged, so that {f.DigestOf("c")} serves again", f.Store.History[^1].Reason);

        f.Deploy("d");
        f.Begin("b");
        File.Delete(f.PathOf("d"));
        f.Reopen(); // a crash leads the same way
        Assert.Equal(DeploymentState.RolledBack, f.Store.Recovered!.State);
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("c"));
    }

    [Fact]
    public void A_crash_on_probation_of_the_first_model_leaves_none()
    {
        using var f = new StoreFixture();
        f.Begin("a");
        f.Reopen();
        Assert.Equal((DeploymentState.RolledBack, ModelStore.InterruptedReason), (f.Store.Recovered!.State, f.Store.Recovered.Reason));
        Assert.Null(f.Store.Reader.Current);
        Assert.False(f.Store.Reader.TryOpenCurrent(out _));
        Assert.Equal(f.DigestOf("a"), f.Deploy("a").Digest);
    }

    [Fact]
    public void Small_text_files_do_where_links_are_not_to_be_had()
    {
        using var f = new StoreFixture(new ModelStoreOptions { UseLinks = false });
        f.Deploy("a");
        f.Deploy("b");
        Assert.Null(new FileInfo(f.Store.Reader.CurrentPath).LinkTarget);
        Assert.True(f.Store.Reader.TryOpenCurrent(out VerifiedModel? model));
        using (model)
        {
            Assert.Equal(f.DigestOf("b"), model.Digest);
        }

        f.Deployer.RollBackToPrevious("asked");
        Assert.Equal(f.DigestOf("a"), f.Store.Reader.Current);
        f.Begin("c");
        f.Reopen(new ModelStoreOptions { UseLinks = true });
        Assert.Equal(f.DigestOf("a"), f.Store.Reader.Current);
        f.Deploy("d");
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("d"));
    }
}
