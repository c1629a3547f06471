using EdgePrune.Onnx.Sessions;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Tests.Data;

/// <summary>Each format, written by the test, loads with its values, shapes and labels.</summary>
public sealed class FormatTests
{
    private static float[] Values(Dataset data, params int[] modelShape)
    {
        using DatasetBatch batch = data.Batch(0, data.Count, [new ModelInput("x", TensorElementType.Float, modelShape)]);
        return batch.Values["x"].GetTensorDataAsSpan<float>().ToArray();
    }

    [Fact]
    public void Npz()
    {
        using TempFolder folder = new();
        Dataset data = Dataset.Load(DataFiles.Write(folder, "a.npz", DataFiles.SmallNpz()));
        Assert.Equal(3, data.Count);
        Assert.Equal([0, 1, 2], data.Labels!);
        Assert.Equal(("input", TensorElementType.Float), (data.Inputs[0].Name, data.Inputs[0].Type));
        Assert.Equal([4], data.Inputs[0].Shape);
        Assert.Equal(Enumerable.Range(0, 12).Select(n => (float)n), Values(data, -1, 4));
    }

    [Theory]
    [InlineData("|b1", new byte[] { 0, 1, 1, 0 }, new float[] { 0, 1, 1, 0 })]
    [InlineData("|u1", new byte[] { 0, 1, 200, 255 }, new float[] { 0, 1, 200, 255 })]
    [InlineData("|i1", new byte[] { 0, 1, 0x80, 0xff }, new float[] { 0, 1, -128, -1 })]
    [InlineData("<i2", new byte[] { 1, 0, 0, 1, 0xff, 0xff, 0, 0x80 }, new float[] { 1, 256, -1, -32768 })]
    [InlineData(">i2", new byte[] { 0, 1, 1, 0, 0xff, 0xff, 0x80, 0 }, new float[] { 1, 256, -1, -32768 })]
    [InlineData("<u2", new byte[] { 1, 0, 0, 1, 0xff, 0xff, 0, 0x80 }, new float[] { 1, 256, 65535, 32768 })]
    [InlineData("<f2", new byte[] { 0, 0x3c, 0, 0xc0, 0, 0, 0, 0x38 }, new float[] { 1, -2, 0, 0.5f })]
    [InlineData(">f4", new byte[] { 0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0, 0, 0 }, new float[] { 1, -2, 0, 0.5f })]
    public void Npy_of_every_kind_of_number(string descr, byte[] bytes, float[] expected)
    {
        using TempFolder folder = new();
        foreach (byte version in new byte[] { 1, 2, 3 })
        {
            Dataset data = Dataset.Load(DataFiles.Write(folder, "input.npy", DataFiles.Npy(descr, "(2, 2)", bytes, version: version)));
            Assert.Null(data.Labels);
            Assert.Equal(expected, Values(data, -1, 2));
        }
    }

    [Fact]
    public void Npy_in_Fortran_order_is_turned()
    {
        using TempFolder folder = new();
        // Element (i, j, k) of [2,3,2] holds 100i + 10j + k; Fortran order runs i fastest.
        byte[] bytes = [.. from k in Enumerable.Range(0, 2) from j in Enumerable.Range(0, 3) from i in Enumerable.Range(0, 2) select (byte)((100 * i) + (10 * j) + k)];
        Dataset data = Dataset.Load(DataFiles.Write(folder, "input.npy", DataFiles.Npy("|u1", "(2, 3, 2)", bytes, fortran: true)));
        Assert.Equal([0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121], Values(data, -1, 3, 2));
    }

    [Fact]
    public void Folder_of_npy_with_labels_and_two_inputs()
    {
        using TempFolder folder = new();
        DataFiles.Write(folder, "d/a.npy", DataFiles.NpyOf("<f4", "(2, 1)", 1f, 2f));
        DataFiles.Write(folder, "d/b.npy", DataFiles.NpyOf("<i8", "(2,)", 7L, 8L));
        DataFiles.Write(folder, "d/labels.npy", DataFiles.NpyOf("|u1", "(2, 1)", (byte)1, (byte)0));
        Dataset data = Dataset.Load(folder.File("d"));
        Assert.Equal([1, 0], data.Labels!);
        using DatasetBatch batch = data.Batch(0, 2, [new ModelInput("b", TensorElementType.Int64, [-1]), new ModelInput("a", TensorElementType.Float, [-1, 1])]);
        Assert.Equal([7, 8], batch.Values["b"].GetTensorDataAsSpan<long>().ToArray());
        Assert.Equal([1, 2], batch.Values["a"].GetTensorDataAsSpan<float>().ToArray());
    }

    [Fact]
    public void Folder_of_npz_parts_is_read_as_one()
    {
        using TempFolder folder = new();
        DataFiles.Write(folder, "d/part1.npz", DataFiles.SmallNpz());
        DataFiles.Write(folder, "d/part2.npz", DataFiles.SmallNpz());
        Dataset data = Dataset.Load(folder.File("d"));
        Assert.Equal([0, 1, 2, 0, 1, 2], data.Labels!);
        Assert.Equal(24, Values(data, -1, 4).Length);
    }

    [Theory]
    [InlineData("table.csv", "a,label,b\n1,cat,2\n3,ant,4\n5,cat,6\n", false)]
    [InlineData("table.csv", "a;class;b\n1;cat;2\n3;ant;4\n5;cat;6\n", false)]
    [InlineData("table.tsv", "a\ttarget\tb\n1\tcat\t2\n3\tant\t4\n5\tcat\t6\n", false)]
    [InlineData("table.csv.gz", "\uFEFFa,\"Labels\",b\r\n1,cat,2\r\n3,\"ant\",4\r\n5,cat,6\r\n", true)]
    public void Table_with_names_for_labels(string name, string text, bool gzip)
    {
        using TempFolder folder = new();
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        Dataset data = Dataset.Load(DataFiles.Write(folder, name, gzip ? DataFiles.GZip(bytes) : bytes));
        Assert.Equal(["ant", "cat"], data.ClassNames!);
        Assert.Equal([1, 0, 1], data.Labels!);
        Assert.Equal([1, 2, 3, 4, 5, 6], Values(data, -1, 2));
    }

    [Fact]
    public void Table_options_choose_label_columns_and_categories()
    {
        using TempFolder folder = new();
        string path = DataFiles.Write(folder, "t.csv", "id,kind,x,failed\n9,M,0.5,1\n8,L,1.5,0\n7,M,2.5,0\n");
        DataFiles.Write(folder, "data.yaml", "drop: [id]\ncategorical: [kind]\n");
        Dataset data = Dataset.Load(path, new DatasetOptions { LabelColumn = "failed" });
        Assert.Equal([1, 0, 0], data.Labels!);
        Assert.Equal([1, 0.5f, 0, 1.5f, 1, 2.5f], Values(data, -1, 2));
    }

    [Fact]
    public void Table_of_bare_numbers_needs_no_header()
    {
        using TempFolder folder = new();
        Dataset data = Dataset.Load(DataFiles.Write(folder, "t.txt", "1 2.5  \n3 -4  \n"));
        Assert.Null(data.Labels);
        Assert.Equal([1, 2.5f, 3, -4], Values(data, -1, 2));
    }

    [Theory]
    [InlineData("t-images-idx3-ubyte", "t-labels-idx1-ubyte", false)]
    [InlineData("t-images-idx3-ubyte.gz", "t-labels-idx1-ubyte.gz", true)]
    [InlineData("t-images.idx3-ubyte", "t-labels.idx1-ubyte", false)]
    public void Idx_finds_its_labels(string images, string labels, bool gzip)
    {
        using TempFolder folder = new();
        byte[] pixels = DataFiles.Idx(8, [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), ids = DataFiles.Idx(8, [2], [9, 3]);
        string path = DataFiles.Write(folder, images, gzip ? DataFiles.GZip(pixels) : pixels);
        DataFiles.Write(folder, labels, gzip ? DataFiles.GZip(ids) : ids);
        Dataset data = Dataset.Load(path);
        Assert.Equal([9, 3], data.Labels!);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], Values(data, -1, 1, 2, 2));
        Assert.Equal(2, Dataset.Load(folder.Path).Count);
    }

    [Fact]
    public void Idx_numbers_are_big_endian()
    {
        using TempFolder folder = new();
        Dataset data = Dataset.Load(DataFiles.Write(folder, "x.idx", DataFiles.Idx(0x0B, [2, 1], [1, 0, 0xff, 0xff])));
        Assert.Equal([256, -1], Values(data, -1, 1));
    }

    [Fact]
    public void Bare_numbers_take_type_and_shape_from_the_name()
    {
        using TempFolder folder = new();
        string path = DataFiles.Write(folder, "set_specs_i16_2x3.bin", [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]);
        DataFiles.Write(folder, "set_labels_u8.bin", [1, 0]);
        Dataset data = Dataset.Load(path);
        Assert.Equal([1, 0], data.Labels!);
        Assert.Equal([1, 2, 3, 4, 5, 6], Values(data, -1, 3));
        Assert.Equal(2, Dataset.Load(DataFiles.Write(folder, "other/text_2x3_u8.bin.gz", DataFiles.GZip(new byte[6]))).Count);
    }

    [Fact]
    public void Images_in_one_subfolder_a_class()
    {
        using TempFolder folder = new();
        DataFiles.Write(folder, "d/dog/1.ppm", DataFiles.Ppm(2, 1, 1, 2, 3, 4, 5, 6));
        DataFiles.Write(folder, "d/cat/1.ppm", DataFiles.Ppm(2, 1, 10, 20, 30, 40, 50, 60));
        DataFiles.Write(folder, "d/cat/notes.txt", "not an image");
        Dataset data = Dataset.Load(folder.File("d"));
        Assert.Equal(["cat", "dog"], data.ClassNames!);
        Assert.Equal([0, 1], data.Labels!);
        Assert.Equal([10, 40, 20, 50, 30, 60, 1, 4, 2, 5, 3, 6], Values(data, -1, 3, 1, 2));

        DataFiles.Write(folder, "d/data.yaml", "layout: NHWC\nchannels: bgr\nscale: 0.5\nmean: [1, 2, 3]\nstd: [1, 2, 4]\nsize: [1, 1]\nclasses: [dog, cat]\n");
        data = Dataset.Load(folder.File("d"));
        Assert.Equal([1, 0], data.Labels!);
        Assert.Equal([1, 1, 3], data.Inputs[0].Shape);
        // The cat's mean pixel is (25, 35, 45); as BGR (45, 35, 25) / 2 less the mean, over std.
        Assert.Equal([21.5f, 7.75f, 2.375f], Values(data, -1, 1, 1, 3)[..3]);

        DataFiles.Write(folder, "d/data.yaml", "channels: gray\n");
        Assert.Equal([1, 1, 2], Dataset.Load(folder.File("d")).Inputs[0].Shape);
    }
}
