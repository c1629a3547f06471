using System.Diagnostics;
using EdgePrune.Agent.CrashChild;
using EdgePrune.Agent.CrashChild.Operations;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Store;

if (args is ["operations", var library])
{
    FileOperations.Use(library);
    OperationServer.Run();
    return 0;
}

var folders = new ScenarioFolders(args[1]);
switch (args[0])
{
    case "fault": // ROOT SCENARIO POINT OCCURRENCE: kill this process (SIGKILL) at that hit of that point
        var faults = new FaultInjector();
        using (faults.Arm(args[3], int.Parse(args[4]), repeat: false, KillSelf))
        {
            Scenario.All.Single(s => s.Name == args[2]).Act(folders, new ModelStoreOptions { FaultPoints = faults });
        }

        return 3; // the point was not hit
    case "hang": // ROOT SCENARIO POINT OCCURRENCE: never return from that hit of that point
        var hanging = new FaultInjector();
        using (hanging.Arm(args[3], int.Parse(args[4]), repeat: false, Hang))
        {
            Scenario.All.Single(s => s.Name == args[2]).Act(folders, new ModelStoreOptions { FaultPoints = hanging });
        }

        return 3; // the point was not hit
    case "loop": // ROOT: deploy a and b in turn, kept or rolled back, until killed; a line for each thing done
        Say("opening");
        using (ModelStore store = ModelStore.Open(folders.Store))
        {
            Deployer deployer = Scenario.CreateDeployer(store);
            for (int i = 0; ; i++)
            {
                bool next = store.Reader.Current == folders.DigestOf("a");
                ActiveDeployment deployment = deployer.Begin(folders.Model(next ? "b" : "a"), new DeployRequest { Note = $"number {i}" });
                if (i % 3 == 2)
                {
                    deployer.RollBack(deployment, "every third");
                }
                else
                {
                    deployer.Commit(deployment);
                }

                Say("done");
            }
        }

    case "hold": // ROOT: hold the store until standard input ends
        using (ModelStore.Open(folders.Store))
        {
            Say("held");
            Console.In.ReadToEnd();
        }

        return 0;
    default:
        return 2;
}

static void Say(string line)
{
    Console.Out.WriteLine(line);
    Console.Out.Flush();
}

static void Hang()
{
    Say("hung");
    Thread.Sleep(Timeout.Infinite);
}

static void KillSelf()
{
    Process.GetCurrentProcess().Kill();
    Thread.Sleep(Timeout.Infinite);
}
