using System.Text.Json;
using EdgePrune.Cli.Loop;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Pruner.Surgery;
using EdgePrune.TestSupport;
using EdgePrune.TestSupport.Hostile;
using Google.Protobuf;

namespace EdgePrune.Cli.Tests;

/// <summary>Command lines and inputs that make no sense, as a table: what is given, the exit code, and words of the message.</summary>
public sealed class BadInputTests
{
    private const int Failed = (int)ExitCode.Failed;
    private const int Usage = (int)ExitCode.Usage;

    private static readonly string Digits = Sample("digits.onnx");

    private static readonly OnnxModel Model = OnnxModel.Load(Digits);
    private static readonly string OwnDigest = PruningPlan.Digest(Model);
    private static readonly string Weight = Model.Graph.Node.First(n => n.OpType == "Conv").Input[1];

    private sealed record Case(string Name, int Code, string Words, Func<TempFolder, string[]> Line);

    private static readonly Case[] Cases =
    [
        // Arguments.
        new("no model", Usage, "Required argument", _ => ["inspect"]),
        new("two models", Usage, "other.onnx", _ => ["inspect", Digits, "other.onnx"]),
        new("empty model", Usage, "empty", _ => ["inspect", ""]),
        new("empty store", Usage, "empty", _ => ["deploy", Digits, "--store", ""]),
        new("empty output", Usage, "empty", _ => Prune("-o", "")),
        new("unknown option", Usage, "--energy", _ => Prune("--energy", "70%")),
        new("amount of another unit", Usage, "'12ms' is neither", _ => Prune("--energy-budget", "12ms")),
        new("budget and ratio", Usage, "not both", _ => Prune("--energy-budget", "70%", "--ratio", "0.3")),
        new("one budget twice", Usage, "--energy-budget", _ => Prune("--energy-budget", "70%", "--energy-budget", "60%")),
        new("budget of words", Usage, "'little' is neither a share", _ => Prune("--energy-budget", "little")),
        new("budget of 0 %", Usage, "'0%' is neither a share", _ => Prune("--energy-budget", "0%")),
        new("budget above 100 %", Usage, "'170%' is neither a share", _ => Prune("--energy-budget", "170%")),
        new("budget below 0", Usage, "'-5%' is neither a share", _ => Prune("--energy-budget", "-5%")),
        new("budget that is not a number", Usage, "'NaN' is neither a share", _ => Prune("--latency-budget", "NaN")),
        new("budget without a value", Usage, "--energy-budget", _ => Prune("--energy-budget")),
        new("ratio of 0", Usage, "--ratio must be above 0", _ => Prune("--ratio", "0")),
        new("ratio of 1", Usage, "below 1", _ => Prune("--ratio", "1")),
        new("ratio in percent", Usage, "--ratio", _ => Prune("--ratio", "40%")),
        new("ratio NaN", Usage, "--ratio", _ => Prune("--ratio", "NaN")),
        new("unknown importance", Usage, "there are ", _ => Prune("--importance", "beauty")),
        new("negative seed", Usage, "--seed must be from 0", _ => Prune("--seed", "-1")),
        new("seconds of NaN", Usage, "is no time from", _ => ["profile", Digits, "--seconds", "NaN"]),
        new("no seconds", Usage, "is no time from", _ => ["profile", Digits, "--seconds", "0"]),
        new("batch of 0", Usage, "--batch must be from 1", _ => ["eval", Digits, "--data", Sample("test.npz"), "--batch", "0"]),
        new("train without data", Usage, "--data", _ => ["train", Digits]),
        new("train on data without labels", Failed, "has no labels", folder => Train(Text(folder, "x.csv", "a,b\n1,2\n3,4\n"))),
        new("train on data of another shape", Failed, "the model's input 'input' takes", folder => Train(Text(folder, "x.csv", "a,b,label\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n"))),
        new("train over its own data", Failed, "it is read as well", _ => Train(Sample("train.npz"), "-o", Sample("train.npz"))),
        new("train with an odd schedule", Usage, "write constant, cosine, step:10", _ => Train(Sample("train.npz"), "--schedule", "stairs")),
        new("train with an odd augmentation", Usage, "'rotate:3' is no augmentation", _ => Train(Sample("train.npz"), "--augment", "flip,rotate:3")),
        new("train with an unknown optimizer", Usage, "lion", _ => Train(Sample("train.npz"), "--optimizer", "lion")),
        new("train with a negative rate", Usage, "--lr must be zero or more", _ => Train(Sample("train.npz"), "--lr", "-0.1")),
        new("train without epochs", Usage, "--epochs must be from 1", _ => Train(Sample("train.npz"), "--epochs", "0")),
        new("train without patience", Usage, "--patience must be from 1", _ => Train(Sample("train.npz"), "--patience", "0")),
        new("train held back whole", Usage, "'100%' is no share", _ => Train(Sample("train.npz"), "--validation", "100%")),
        new("train with a crop larger than the image", Failed, "pad by 1 to 7", _ => Train(Sample("train.npz"), "--augment", "crop:8")),
        new("train resumed from something else", Failed, "is no checkpoint of a training", folder => Train(Sample("train.npz"), "--resume", "--checkpoint", Text(folder, "c", "not a checkpoint, but long enough to be taken for one at first sight, if nobody looks"))),
        new("finetune names no parameter", Failed, "no parameter is named 'fc.weights'", _ => ["finetune", Digits, "--data", Sample("train.npz"), "-o", NeverWritten, "--parameters", "stem.*,fc.weights"]),
        new("eval without data", Usage, "--data", _ => ["eval", Digits]),
        new("verify without plan", Usage, "--plan", _ => ["verify", Digits, Digits]),
        new("value for --json", Usage, "maybe", _ => ["doctor", "--json", "maybe"]),
        new("accuracy drop of 200", Usage, "--max-accuracy-drop must be from 0", _ => ["loop", Digits, "--max-accuracy-drop", "200"]),
        new("unknown provider", Failed, "Abacus", _ => ["profile", Digits, "--provider", "Abacus"]),
        new("kinds of units that are none", Usage, "'filter' is none of the kinds", _ => Prune("--kinds", "channel,filter")),
        new("kinds of units left empty", Usage, "'' is none of the kinds", _ => ["inspect", Digits, "--kinds", "channel,"]),
        new("constants handled as nobody does", Usage, "'forget' is none of drop, fold, fold-padded", _ => Prune("--constants", "forget")),
        new("kinds that no budget is met with", Usage, "'weight' is none of the kinds", _ => Prune("--kinds", "weight")),
        new("graph over its own model", Failed, "it is read as well", _ => ["inspect", Digits, "--graph", Digits]),
        new("shape of an input that is not there", Failed, "nothere", _ => ["inspect", Digits, "--shape", "nothere=1,2"]),

        // Devices.
        new("unknown device", Failed, "known are host", _ => ["profile", Digits, "--device", "no-such-board"]),
        new("device file with an unknown key", Failed, "bad.yaml:3", f => ["profile", Digits, "--device", Text(f, "bad.yaml", "schema: 1\nname: x\ncolour: red\n")]),
        new("device file that is no YAML", Failed, "not YAML", f => ["profile", Digits, "--device", Text(f, "bad.yaml", "{{{")]),
        new("empty device file", Failed, "bad.yaml", f => ["costs", Digits, "--device", Text(f, "bad.yaml", "")]),
        new("device that is a folder", Failed, "", f => ["profile", Digits, "--device", f.Path + "/"]),

        // Plans.
        new("plan that is missing", Failed, "none.json", f => ["verify", Digits, Digits, "--plan", f.File("none.json")]),
        new("plan that is a folder", Failed, "", f => ["verify", Digits, Digits, "--plan", f.Path]),
        new("plan that is cut off", Failed, "no pruning plan", f => ["verify", Digits, Digits, "--plan", Text(f, "plan.json", "{\"format\": \"edge")]),
        new("plan of another format", Failed, "format", f => ["verify", Digits, Digits, "--plan", Text(f, "plan.json", Plan("other", "m", ""))]),
        new("plan of another model", Failed, "was made for another model", f => ["verify", Digits, Digits, "--plan", Text(f, "plan.json", Plan("edgeprune-plan/1", "sha256:0", ""))]),
        new("plan with a tensor that is not there", Failed, "nothere", f => Verify(f, "nothere", 1, 0)),
        new("plan with an axis that is not there", Failed, "axis", f => Verify(f, Weight, 9, 0)),
        new("plan with an index that is not there", Failed, "", f => Verify(f, Weight, 0, 1_000_000)),
        new("plan with a negative index", Failed, "", f => Verify(f, Weight, 0, -1)),
        new("plan that is a list", Failed, "no pruning plan", f => ["verify", Digits, Digits, "--plan", Text(f, "plan.json", "[1, 2]")]),
        new("plan that is null", Failed, "no pruning plan", f => ["verify", Digits, Digits, "--plan", Text(f, "plan.json", "null")]),
        new("models of different inputs", Failed, "", f => ["verify", Digits, Sound(f), "--plan", Text(f, "plan.json", Plan("edgeprune-plan/1", OwnDigest, ""))]),

        // Data.
        new("data missing", Failed, "no such file or folder", _ => Eval("none.npz")),
        new("data folder empty", Failed, "holds no data", f => Eval(f.Path)),
        new("data that is no npz", Failed, "bad.npz", f => Eval(Text(f, "bad.npz", "not a zip"))),
        new("data of the wrong shape", Failed, "takes", f => Eval(NpzFile.Write(f.File("bad.npz"), [2, 1, 9, 9], 0.5f, 1, 2))),
        new("data with NaN", Failed, "NaN", f => Eval(NpzFile.Write(f.File("bad.npz"), [2, 1, 8, 8], float.NaN, 1, 2))),
        new("label above the classes", Failed, "out of range", f => Eval(NpzFile.Write(f.File("bad.npz"), [2, 1, 8, 8], 0.5f, 1, 10))),
        new("label below 0", Failed, "out of range", f => Eval(NpzFile.Write(f.File("bad.npz"), [2, 1, 8, 8], 0.5f, 1, -1))),
        new("more labels than samples", Failed, "labels for 2 samples", f => Eval(NpzFile.Write(f.File("bad.npz"), [2, 1, 8, 8], 0.5f, 1, 2, 3))),
        new("label column that is not there", Failed, "species", _ => [.. Eval(Sample("test.npz")), "--labels", "species"]),
        new("wrong data for prune are told before measuring", Failed, "takes", f => Prune("--data", NpzFile.Write(f.File("bad.npz"), [2, 1, 9, 9], 0.5f, 1, 2))),
        new("a schedule that is none", Usage, "is no schedule", _ => Prune("--schedule", "weekly")),
        new("a schedule that trains without samples", Failed, "--train", _ => Prune("--schedule", "gradual:10")),
        new("recovery without samples", Usage, "--train", _ => Prune("--recover-steps", "10")),
        new("training and target together", Usage, "not both", _ => Prune("--train", Sample("train.npz"), "--target", Sample("train.npz"))),
        new("head steps without a target", Usage, "--target", _ => Prune("--head-steps", "5")),
        new("one class to train on", Failed, "class 1", f => Prune("--recover-steps", "1", "--train", NpzFile.Write(f.File("bad.npz"), [2, 1, 8, 8], 0.5f, 1, 1))),
        new("training samples that do not fit", Failed, "takes", f => Prune("--recover-steps", "1", "--train", NpzFile.Write(f.File("bad.npz"), [2, 1, 9, 9], 0.5f, 1, 2))),
        new("a densification that is none", Usage, "is no densification", _ => Prune("--densify", "more")),
        new("dropout of a criterion of weights", Failed, "l2", _ => Prune("--score-dropout", "20%")),
        new("output over the training samples", Failed, "is read as well", f => Prune("-o", NpzFile.Write(f.File("own.npz"), [2, 1, 8, 8], 0.5f, 1, 2), "--train", f.File("own.npz"))),

        // What pruning cannot do.
        new("prune on gradients of one class", Failed, "all 8 samples are of class 3", f => Prune("--importance", "taylor", "--calibration", NpzFile.Write(f.File("one.npz"), [8, 1, 8, 8], 0.5f, 3, 3, 3, 3, 3, 3, 3, 3))),
        new("prune with calibration of the wrong shape", Failed, "takes", f => Prune("--importance", "taylor", "--calibration", NpzFile.Write(f.File("bad.npz"), [2, 1, 9, 9], 0.5f, 1, 2))),
        new("prune by data that were not given", Failed, "--calibration", _ => Prune("--importance", "taylor")),
        new("prune by gradients of an operator without a rule", Failed, "operator CumSum has no gradient rule", f =>
            ["prune", WithoutGradient(f), "-o", NeverWritten, "--importance", "taylor", "--calibration", NpzFile.Write(f.File("x.npz"), [4, 5], 0.5f, 0, 1, 2, 0)]),
        new("prune a model of which all is frozen", Failed, "nothing in this model can be pruned", f => ["prune", Frozen(f), "-o", NeverWritten]),
        new("prune with everything protected", Failed, "protect every unit", _ => Prune("--protect", "*")),
        new("prune to what is impossible", Failed, "is impossible", f => Prune("--macs-budget", "0.1%", "--table", f.File("costs.sqlite"))),
        new("floor without data", Failed, "--calibration", f => Prune("--accuracy-floor", "90%", "--table", f.File("costs.sqlite"))),
        new("floor in words", Usage, "is no floor of accuracy", _ => Prune("--accuracy-floor", "high")),
        new("floor beside a ratio", Failed, "limits on costs", f => Prune("--accuracy-floor", "90%", "--ratio", "0.3", "--table", f.File("costs.sqlite"))),
        new("order of removal that is none", Usage, "none of solver, per-joule", _ => Prune("--order", "alphabetical")),
        new("recipe that is missing", Failed, "none.yaml", f => Prune("--recipe", f.File("none.yaml"))),
        new("recipe over the model", Failed, "is read as well", _ => Prune("--save-recipe", Digits)),
        new("priors that name no layer", Failed, "'lost'", f => Prune("--priors", Text(f, "p.yaml", "priors: 1\nsensitivity: {lost: 2}\n"))),
        new("plan to carry over that is none", Failed, "no pruning plan", f => Prune("--transfer-plan", Text(f, "plan.json", "{}"))),
        new("costs of no board", Failed, "no cost table", f => Prune("--costs-from", Text(f, "costs.json", "{}"))),
        new("search on data without labels", Failed, "has no labels", f => ["search", Digits, "-o", f.File("front"), "--train", Text(f, "x.csv", "a,b\n1,2\n3,4\n")]),
        new("search on data of one class", Failed, "all 8 samples are of class 3", f => ["search", Digits, "-o", f.File("front"), "--train", NpzFile.Write(f.File("one.npz"), [8, 1, 8, 8], 0.5f, 3, 3, 3, 3, 3, 3, 3, 3)]),
        new("search for criteria that are none", Usage, "'beauty' is none of", f => ["search", Digits, "--train", Sample("train.npz"), "--criteria", "l2,beauty"]),

        // Places to write to.
        new("output that is a folder", Failed, "is a folder", f => Prune("-o", f.Path)),
        new("output in a missing folder", Failed, "does not exist", f => Prune("-o", f.File("none/out.onnx"))),
        new("output below a file", Failed, "cannot write", f => Prune("-o", Path.Combine(Sound(f), "out.onnx"))),
        new("output that cannot be written", Failed, "cannot write", _ => Prune("-o", "/proc/out.onnx")),
        new("output over the model", Failed, "is read as well", f => ["prune", Sound(f), "-o", f.File("sound.onnx")]),
        new("plan that is a folder for prune", Failed, "is a folder", f => Prune("-o", f.File("out.onnx"), "--plan", f.Path)),
        new("plan over the output", Failed, "is read as well", f => Prune("-o", f.File("out.onnx"), "--plan", f.File("out.onnx"))),
        new("loop output that is a folder", Failed, "is a folder", f => ["loop", Digits, "-o", f.Path, "--run", f.File("run"), "--store", f.File("store")]),
        new("store that is a file", Failed, "sound.onnx", f => ["deploy", Digits, "--store", Sound(f)]),
        new("store below a file", Failed, "sound.onnx", f => ["deploy", Digits, "--store", Path.Combine(Sound(f), "store")]),
        new("rollback of an empty store", Failed, "roll back", f => ["rollback", "--store", f.File("store")]),
        new("cost table that is a folder", Failed, "", f => ["costs", Digits, "--seconds", "1", "--table", f.Path]),
        new("cost table that is no table", Failed, "", f => ["costs", Digits, "--seconds", "1", "--table", Text(f, "costs.sqlite", new string('x', 9000))]),
        new("run folder that is a file", Failed, "is a file", f => Loop(f, Sound(f))),
        new("run folder with other files", Failed, "not of a run", f => Loop(f, Path.GetDirectoryName(Text(f, "thesis/chapter.txt", "words"))!)),
        new("run folder of another run", Failed, "model was sha256:1", f =>
        {
            RunFolder.Open(f.File("run"), new Dictionary<string, string> { ["model"] = "sha256:1" }, new Reporter(new Surroundings(TextWriter.Null, TextWriter.Null), json: false)).Dispose();
            return Loop(f, f.File("run"));
        }),
        new("damaged run folder", Failed, "run.json", f => Loop(f, Path.GetDirectoryName(Text(f, "run/run.json", "{ torn"))!)),
        new("demo folder with other files", Failed, "not of a demo", f => ["demo", "--folder", Path.GetDirectoryName(Text(f, "thesis/chapter.txt", "words"))!]),
        new("demo folder that is a file", Failed, "sound.onnx", f => ["demo", "--folder", Sound(f)]),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => new TheoryDataRow<string>(c.Name))];

    [Theory]
    [MemberData(nameof(Names))]
    public void Ends_in_one_document_with_an_exit_code(string name)
    {
        Case given = Cases.Single(c => c.Name == name);
        using var folder = new TempFolder();
        string[] line = given.Line(folder);
        string[] before = Files(folder);

        CapturedRun run = CapturedRun.Of([.. line, "--json"]);

        JsonElement error = Assert.Single(run.Document.EnumerateObject()).Value;
        string message = error.GetProperty("message").GetString()!;
        Assert.True(given.Code == (int)run.Code, $"{run.Code}: {message}");
        Assert.Contains(given.Words, message, StringComparison.Ordinal);
        Assert.NotEqual(ErrorKind.Internal, error.GetProperty("kind").GetString());
        Assert.Equal(given.Code == Usage, error.GetProperty("kind").GetString() == ErrorKind.Usage);
        Assert.Contains("error: ", run.Error, StringComparison.Ordinal); // progress may come first
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, Files(folder));
    }

    // The store's own bookkeeping and the run's lock may stay; models, plans and temporary files may not.
    private static string[] Files(TempFolder folder) =>
    [
        .. Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".onnx", StringComparison.Ordinal) || f.EndsWith(".json", StringComparison.Ordinal) || f.EndsWith(".tmp", StringComparison.Ordinal) || f.EndsWith(".txt", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    private static string NeverWritten => Path.Combine(Path.GetTempPath(), "edgeprune-never-written.onnx");

    private static string[] Prune(params string[] options) => ["prune", Digits, "--seconds", "1", .. options.Contains("-o") ? options : ["-o", NeverWritten, .. options]];

    private static string[] Train(string data, params string[] options) => ["train", Digits, "--data", data, .. options.Contains("-o") ? options : ["-o", NeverWritten, .. options]];

    private static string Plan(string format, string digest, string units) =>
        $"{{\"format\": \"{format}\", \"model_digest\": \"{digest}\", \"units\": [{units}]}}";

    private static string[] Verify(TempFolder folder, string tensor, int axis, int index)
    {
        string slice = $"{{\"tensor\": \"{tensor}\", \"axis\": {axis}, \"indices\": [{index}], \"role\": \"output\"}}";
        string plan = Plan("edgeprune-plan/1", OwnDigest, $"{{\"unit\": 0, \"group\": 0, \"slices\": [{slice}]}}");
        return ["verify", Digits, Digits, "--plan", Text(folder, "plan.json", plan)];
    }

    private static string[] Eval(string data) => ["eval", Digits, "--data", data];

    private static string[] Loop(TempFolder folder, string run) => ["loop", Digits, "-o", folder.File("out.onnx"), "--run", run, "--store", folder.File("store")];

    private static string Sample(string name) => Path.Combine(Repository.Root, "samples", "digits", name);

    // A hidden layer that can be cut, before an operator that no gradient goes through.
    private static string WithoutGradient(TempFolder folder)
    {
        var g = new GraphBuilder();
        string hidden = g.Relu(g.Linear(g.Input("input", -1, 5), 5, 6));
        string y = g.Node("CumSum", [g.Linear(hidden, 6, 3), g.Ints(1)]);
        string path = folder.File("cumsum.onnx");
        g.Output(y).Build().Save(path);
        return path;
    }

    private static string Frozen(TempFolder folder)
    {
        var g = new GraphBuilder();
        string path = folder.File("frozen.onnx");
        g.Output(g.Linear(g.Input("input", 1, 5), 5, 6)).Build().Save(path);
        return path;
    }

    private static string Text(TempFolder folder, string name, string content)
    {
        string path = folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    private static string Sound(TempFolder folder)
    {
        string path = folder.File("sound.onnx");
        File.WriteAllBytes(path, HostileModels.Sound().ToByteArray());
        return path;
    }
}
