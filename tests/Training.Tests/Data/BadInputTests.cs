using System.Text;
using EdgePrune.Onnx;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;

namespace EdgePrune.Training.Tests.Data;

/// <summary>A table of what can be wrong with a data folder: name of the case, the file, and words that the error must have.</summary>
public sealed class BadInputTests
{
    private static readonly byte[] Labels3 = DataFiles.NpyOf("<i8", "(3,)", 0L, 1L, 2L);
    private static readonly byte[] Floats = DataFiles.NpyOf("<f4", "(1, 2)", 1f, 2f);

    private static readonly Dictionary<string, (string File, byte[] Content, string Words)> Cases = new()
    {
        ["empty file"] = ("a.npz", [], "is empty"),
        ["unknown format"] = ("a.xyz", [1, 2, 3, 4], "known format"),
        ["npz is not a zip"] = ("a.npz", Encoding.ASCII.GetBytes("this is not a zip archive"), "not a readable .npz"),
        ["npz truncated"] = ("a.npz", DataFiles.SmallNpz()[..100], "not a readable .npz"),
        ["npz without entries"] = ("a.npz", DataFiles.Zip(), "0 entries"),
        ["npz with a stranger"] = ("a.npz", DataFiles.Zip(("readme.txt", [1])), "not a .npy array"),
        ["npz with a name twice"] = ("a.npz", DataFiles.Zip(("x.npy", Floats), ("x.npy", Floats)), "second array of that name"),
        ["npz with labels only"] = ("a.npz", DataFiles.Zip(("labels.npy", Labels3)), "labels only"),
        ["npz with too few labels"] = ("a.npz", DataFiles.Zip(("x.npy", Floats), ("labels.npy", Labels3)), "3 labels for 1 samples"),
        ["npz with arrays of different length"] = ("a.npz", DataFiles.Zip(("x.npy", Floats), ("y.npy", Labels3)), "has 3 samples, 'x' has 1"),
        ["npz with a pickle"] = ("a.npz", DataFiles.Zip(("x.npy", DataFiles.Npy("|O", "(1,)", [0x80, 4]))), "pickled Python objects"),
        ["npz bomb"] = ("a.npz", DataFiles.Zip(("x.npy", DataFiles.Npy("|u1", "(1,)", new byte[5_000_000]))), "more data than its header"),
        ["labels of two axes"] = ("a.npz", DataFiles.Zip(("x.npy", Floats), ("labels.npy", Floats)), "one class id a sample"),
        ["labels below zero"] = ("a.npz", DataFiles.Zip(("x.npy", Floats), ("labels.npy", DataFiles.NpyOf("<i8", "(1,)", -1L))), "label -1 of sample 0 is out of range"),
        ["labels with a fraction"] = ("a.npz", DataFiles.Zip(("x.npy", Floats), ("labels.npy", DataFiles.NpyOf("<f4", "(1,)", 0.5f))), "label 0.5"),
        ["labels that are NaN"] = ("a.npz", DataFiles.Zip(("x.npy", Floats), ("labels.npy", DataFiles.NpyOf("<f4", "(1,)", float.NaN))), "label NaN"),
        ["labels beyond all classes"] = ("a.npz", DataFiles.Zip(("x.npy", Floats), ("labels.npy", DataFiles.NpyOf("<i8", "(1,)", long.MaxValue))), "out of range"),
        ["npy is no array"] = ("a.npy", Encoding.ASCII.GetBytes("certainly not an array"), "not a NumPy array"),
        ["npy of a future version"] = ("a.npy", DataFiles.Npy("|u1", "(1,)", [1], version: 9), "version 9"),
        ["npy that claims 10^18 elements"] = ("a.npy", DataFiles.Npy("|u1", "(1000000000, 1000000000)", [1]), "takes more than"),
        ["npy whose size overflows"] = ("a.npy", DataFiles.Npy("<f8", "(9223372036854775807, 9223372036854775807)", [1]), "takes more than"),
        ["npy that hides absurd sizes behind a zero"] = ("a.npy", DataFiles.Npy("<f8", "(0, 9223372036854775807)", []), "takes more than"),
        ["npy with a negative axis"] = ("a.npy", DataFiles.Npy("|u1", "(-1, 2)", [1, 2]), "negative"),
        ["npy of 20 axes"] = ("a.npy", DataFiles.Npy("|u1", "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)", [1]), "20 axes"),
        ["npy that promises more than it has"] = ("a.npy", DataFiles.Npy("<f4", "(100, 100)", new byte[100]), "truncated"),
        ["npy with data left over"] = ("a.npy", DataFiles.Npy("|u1", "(1,)", [1, 2]), "more data than its header"),
        ["npy without samples"] = ("a.npy", DataFiles.Npy("|u1", "(0, 3)", []), "holds nothing"),
        ["npy of a single number"] = ("a.npy", DataFiles.Npy("|u1", "()", [1]), "single number"),
        ["npy of text"] = ("a.npy", DataFiles.Npy("<U5", "(1,)", new byte[20]), "'<U5' is not supported"),
        ["npy of complex numbers"] = ("a.npy", DataFiles.Npy("<c8", "(1,)", new byte[8]), "'<c8' is not supported"),
        ["npy of records"] = ("a.npy", DataFiles.NpyWithHeader("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", new byte[4]), "several fields"),
        ["npy header with an expression"] = ("a.npy", DataFiles.NpyWithHeader("{'descr': '|u1', 'fortran_order': False, 'shape': (2**60,)}", [1]), "expected ')'"),
        ["npy header with an unknown key"] = ("a.npy", DataFiles.NpyWithHeader("{'descr': '|u1', 'evil': 'x'}", [1]), "key 'evil'"),
        ["npy header that breaks off"] = ("a.npy", DataFiles.NpyWithHeader("{'descr': '|u1', 'shape': (1", [1]), "breaks off"),
        ["npy header without a shape"] = ("a.npy", DataFiles.NpyWithHeader("{'descr': '|u1', 'fortran_order': False}", [1]), "expected exactly"),
        ["npy with NaN"] = ("a.npy", DataFiles.NpyOf("<f4", "(2, 2)", 0f, 1f, 2f, float.NaN), "NaN in sample 1, element 1"),
        ["npy with infinity"] = ("a.npy", DataFiles.NpyOf("<f8", "(1, 1)", double.NegativeInfinity), "in sample 0, element 0"),
        ["csv with a header only"] = ("a.csv", Text("a,b,label\n"), "no rows"),
        ["csv with a short row"] = ("a.csv", Text("a,b,label\n1,2,0\n1,0\n"), "row 3 has 2 fields"),
        ["csv with words"] = ("a.csv", Text("a,label\nred,0\n"), "'red' of sample 0, column 'a'"),
        ["csv with a gap"] = ("a.csv", Text("a,b,label\n1,,0\n"), "no value in column 'b'"),
        ["csv with NaN"] = ("a.csv", Text("a,label\nNaN,0\n"), "NaN in column 'a'"),
        ["csv with a number too large for float"] = ("a.csv", Text("a,label\n1e300,0\n"), "finite"),
        ["csv with a column twice"] = ("a.csv", Text("a,a,label\n1,2,0\n"), "'a' appears twice"),
        ["csv with a missing label"] = ("a.csv", Text("a,label\n1,\n"), "label of sample 0 is missing"),
        ["csv with a label below zero"] = ("a.csv", Text("a,label\n1,-1\n"), "label '-1' is not a class"),
        ["csv with labels only"] = ("a.csv", Text("label\n1\n"), "no feature columns"),
        ["csv that is binary"] = ("a.csv", [1, 0, 2, 0], "binary data"),
        ["csv with an open quote"] = ("a.csv", Text("a,label\n\"1,0\n"), "a.csv"),
        ["idx truncated"] = ("a-images-idx3-ubyte", DataFiles.Idx(8, [9, 9, 9], [1, 2]), "truncated"),
        ["idx with data left over"] = ("a-images-idx3-ubyte", DataFiles.Idx(8, [1, 1, 1], [1, 2]), "more data than its header"),
        ["idx of absurd size"] = ("a-images-idx3-ubyte", DataFiles.Idx(8, [int.MaxValue, int.MaxValue, 9], [1]), "takes more than"),
        ["idx labels named"] = ("a-labels-idx1-ubyte", DataFiles.Idx(8, [1], [1]), "holds labels"),
        ["gzip truncated"] = ("a-images-idx3-ubyte.gz", DataFiles.GZip(DataFiles.Idx(8, [40, 40, 40], [.. Enumerable.Range(0, 64_000).Select(n => (byte)(n * n >> 3))]))[..600], "a-images"),
        ["bare numbers without a shape"] = ("a.bin", [1, 2], "must give type"),
        ["bare numbers of another size"] = ("a_u8_2x3.bin", [1, 2], "truncated"),
        ["bare numbers of absurd size"] = ("a_u8_99999999999999999999x3.bin", [1, 2], "takes more than"),
    };

    private static readonly Dictionary<string, (string Yaml, string Words)> Manifests = new()
    {
        ["unknown key"] = ("scale: 1\nscael: 2\n", "line 2: 'scael' is not known"),
        ["key twice"] = ("scale: 1\nscale: 2\n", "line 2: 'scale' appears twice"),
        ["not a number"] = ("scale: big\n", "'scale' has 'big'"),
        ["infinite number"] = ("mean: [.inf, Infinity]\n", "expected a number"),
        ["std of zero"] = ("std: [0]\n", "'std' must be above zero"),
        ["two means for four columns"] = ("mean: [1, 2]\n", "'mean' has 2 numbers"),
        ["unknown layout"] = ("layout: HWC\n", "expected one of Nchw, Nhwc"),
        ["size of nothing"] = ("size: [0, 4]\n", "'size' has '0'"),
        ["size of everything"] = ("size: [99999, 99999]\n", "at most 16384 a side"),
        ["shape that does not fit"] = ("shape: [3, 3]\n", "does not hold the 4 elements"),
        ["shape that overflows"] = ("shape: [2000000000, 2000000000, 2000000000]\n", "does not hold"),
        ["input that is not there"] = ("input: other\n", "'input' names 'other'"),
        ["labels that are not there"] = ("labels: other\n", "no label array 'other'"),
        ["fewer classes than labels"] = ("classes: [a, b]\n", "label 2 of sample 2 is out of range"),
        ["a class twice"] = ("classes: [a, a, b]\n", "each once"),
        ["bgr of no image"] = ("channels: bgr\n", "three channels"),
        ["layouts of no image"] = ("layout: NCHW\narray_layout: NHWC\n", "expected three axes"),
        ["not a mapping"] = ("- a\n- b\n", "key: value"),
        ["nested"] = ("mean: [[1]]\n", "flat list"),
        ["deeply nested"] = ("mean: " + new string('[', 50_000), "flat list"),
        ["alias"] = ("mean: &a [1]\nstd: *a\n", "line 2"),
        ["two documents"] = ("scale: 1\n---\nscale: 2\n", "several documents"),
        ["not yaml"] = ("scale: \"open\n", "not valid YAML"),
        ["too large"] = ("# " + new string('x', 70_000), "more than 65,536 bytes"),
    };

    public static TheoryData<string> CaseNames => [.. Cases.Keys];

    public static TheoryData<string> ManifestNames => [.. Manifests.Keys];

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void A_bad_file_is_refused_by_name(string name)
    {
        using TempFolder folder = new();
        (string file, byte[] content, string words) = Cases[name];
        string path = DataFiles.Write(folder, file, content);
        InputException error = Assert.Throws<InputException>(() => Dataset.Load(path));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ManifestNames))]
    public void A_bad_description_is_refused_by_name(string name)
    {
        using TempFolder folder = new();
        string path = DataFiles.Write(folder, "a.npz", DataFiles.SmallNpz());
        DataFiles.Write(folder, "data.yaml", Manifests[name].Yaml);
        InputException error = Assert.Throws<InputException>(() => Dataset.Load(path));
        Assert.Contains(Manifests[name].Words, error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Contains("data.yaml", StringComparison.Ordinal) || error.Message.Contains("a.npz", StringComparison.Ordinal) || error.Message.Contains(folder.Path, StringComparison.Ordinal));
    }

    [Fact]
    public void Damage_within_an_npz_is_found_by_its_checksum()
    {
        using TempFolder folder = new();
        byte[] stored;
        using (MemoryStream stream = new())
        {
            using (System.IO.Compression.ZipArchive archive = new(stream, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
            {
                using Stream entry = archive.CreateEntry("x.npy", System.IO.Compression.CompressionLevel.NoCompression).Open();
                entry.Write(DataFiles.Npy("|u1", "(3,)", [71, 72, 73]));
            }

            stored = stream.ToArray();
        }

        stored[stored.AsSpan().IndexOf((ReadOnlySpan<byte>)[71, 72, 73]) + 1] ^= 1;
        string path = DataFiles.Write(folder, "a.npz", stored);
        Assert.Contains("checksum", Assert.Throws<InputException>(() => Dataset.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_that_hold_nothing_or_too_much_are_refused()
    {
        using TempFolder folder = new();
        void Refused(string name, string words)
        {
            InputException error = Assert.Throws<InputException>(() => Dataset.Load(folder.File(name), new DatasetOptions { RequireLabels = true }));
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
        }

        Refused("missing", "no such file or folder");
        Directory.CreateDirectory(folder.File("empty"));
        Refused("empty", "holds no data");
        DataFiles.Write(folder, "splits/train.npz", DataFiles.SmallNpz());
        DataFiles.Write(folder, "splits/test.npz", DataFiles.SmallNpz());
        Refused("splits", "several splits");
        DataFiles.Write(folder, "parts/a.npz", DataFiles.SmallNpz());
        DataFiles.Write(folder, "parts/b.npz", DataFiles.SmallNpz("other"));
        Refused("parts", "need the same arrays");
        DataFiles.Write(folder, "tables/a.csv", "a,label\n1,1\n");
        DataFiles.Write(folder, "tables/b.csv", "a,label\n1,1\n");
        Refused("tables", "several data files");
        DataFiles.Write(folder, "unlabelled/a.npy", Floats);
        Refused("unlabelled", "has no labels");
        DataFiles.Write(folder, "classes/cat/1.ppm", DataFiles.Ppm(1, 1, 1, 2, 3));
        Directory.CreateDirectory(folder.File("classes/dog"));
        Refused("classes", "holds no images");
        DataFiles.Write(folder, "classes/dog/1.ppm", DataFiles.Ppm(2, 1, 1, 2, 3, 4, 5, 6));
        Refused("classes", "give 'size: [height, width]'");
        DataFiles.Write(folder, "classes/data.yaml", "classes: [cat, cow]\n");
        Refused("classes", "not among the classes");
    }

    [Theory]
    [InlineData("P6 99999 99999 255\n", "expected 1 to 16384")]
    [InlineData("P6 16000 16000 255\n", "at most 40,000,000")]
    [InlineData("P6 10 10 255\nab", "truncated")]
    [InlineData("P6 0 10 255\n", "0 x 10")]
    [InlineData("P6 10 10 0\n", "maximum of 0")]
    [InlineData("P4 8 1\n", "P4 is not supported")]
    [InlineData("P2 1 1 5 9", "above the maximum")]
    [InlineData("P2 1 99999999999", "more than 8 digits")]
    [InlineData("RIFF webp", "not a PNG, JPEG, BMP")]
    public void Bad_pictures_are_refused_by_name(string content, string words)
    {
        using TempFolder folder = new();
        DataFiles.Write(folder, "d/a/1.ppm", Encoding.Latin1.GetBytes(content));
        InputException error = Assert.Throws<InputException>(() => Dataset.Load(folder.File("d")));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains("1.ppm", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_archives_never_end_in_another_exception()
    {
        using TempFolder folder = new();
        byte[] good = DataFiles.SmallNpz();
        Random random = new(3);
        for (int trial = 0; trial < 400; trial++)
        {
            byte[] bad = trial % 4 == 0 ? good[..random.Next(1, good.Length)] : [.. good];
            for (int flip = trial % 4; flip > 0; flip--)
            {
                bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            }

            string path = DataFiles.Write(folder, "a.npz", bad);
            Exception? error = Record.Exception(() => Dataset.Load(path));
            Assert.True(error is null or InputException, error?.ToString());
        }
    }
}
