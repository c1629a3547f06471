using System.IO.Compression;
using System.Text;
using EdgePrune.Agent.Tensors;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.TestSupport;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Agent.Tests;

/// <summary>Arrays as NumPy writes and reads them.</summary>
public sealed class NpzTests
{
    [Fact]
    public void What_is_written_is_read_again_for_every_type()
    {
        using var values = new NamedValues(
        [
            KeyValuePair.Create("floats", OrtValue.CreateTensorValueFromMemory(new float[] { 1, -2, float.NaN }, [3])),
            KeyValuePair.Create("doubles", OrtValue.CreateTensorValueFromMemory(new double[] { 1, 2, 3, 4 }, [2, 2])),
            KeyValuePair.Create("longs", OrtValue.CreateTensorValueFromMemory(new long[] { long.MinValue }, [])),
            KeyValuePair.Create("bytes", OrtValue.CreateTensorValueFromMemory(new byte[] { 1, 2 }, [1, 2, 1])),
            KeyValuePair.Create("none", OrtValue.CreateTensorValueFromMemory(Array.Empty<float>(), [0, 3])),
        ]);
        using var stream = new MemoryStream();
        Npz.Write(stream, values);
        stream.Position = 0;
        using NamedValues read = Npz.Read(stream, 1000, "it");
        Assert.Equal(values.Keys.Order(), read.Keys.Order());
        foreach (string name in values.Keys)
        {
            Assert.Equal(values[name].GetTensorTypeAndShape().Shape, read[name].GetTensorTypeAndShape().Shape);
            Assert.Equal(values[name].GetTensorMutableRawData().ToArray(), read[name].GetTensorMutableRawData()[..values[name].GetTensorMutableRawData().Length].ToArray());
        }
    }

    [Theory]
    [InlineData("<f4", false, new byte[] { 0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, 128, 64, 0, 0, 160, 64, 0, 0, 192, 64 })]
    [InlineData(">f4", false, new byte[] { 63, 128, 0, 0, 64, 0, 0, 0, 64, 64, 0, 0, 64, 128, 0, 0, 64, 160, 0, 0, 64, 192, 0, 0 })]
    [InlineData("<f4", true, new byte[] { 0, 0, 128, 63, 0, 0, 128, 64, 0, 0, 0, 64, 0, 0, 160, 64, 0, 0, 64, 64, 0, 0, 192, 64 })]
    public void Any_byte_order_and_memory_order_is_read(string descriptor, bool fortran, byte[] elements)
    {
        byte[] npz = Archive(CompressionLevel.SmallestSize, $"{{'descr': '{descriptor}', 'fortran_order': {fortran}, 'shape': (2, 3), }}", elements);
        using NamedValues read = Npz.Read(new MemoryStream(npz), 1000, "it");
        Assert.Equal(new float[] { 1, 2, 3, 4, 5, 6 }, read["x"].GetTensorDataAsSpan<float>().ToArray());
    }

    [Theory]
    [InlineData("(1000000000, 1000000000)", "more than the 1,000 bytes")]
    [InlineData("(9223372036854775807, 9223372036854775807)", "more than the 1,000 bytes")]
    [InlineData("(0, 1000000000)", "more than the 1,000 bytes")]
    [InlineData("(-1,)", "negative")]
    [InlineData("(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)", "17 dimensions")]
    [InlineData("(300,)", "more than the 1,000 bytes")]
    [InlineData("(200,)", "fewer bytes")]
    public void A_shape_that_promises_too_much_is_refused_before_memory_is_taken(string shape, string because)
    {
        byte[] npz = Archive(CompressionLevel.Fastest, $"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}", new byte[400]);
        Assert.Contains(because, Assert.Throws<InputException>(() => Npz.Read(new MemoryStream(npz), 1000, "it")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_damage_is_an_input_error_or_another_array()
    {
        byte[] good = Archive(CompressionLevel.Fastest, "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", new byte[16]);
        var random = new Random(1);
        for (int i = 0; i < 3000; i++)
        {
            byte[] bad = [.. good];
            for (int k = 0; k < 1 + (i % 4); k++)
            {
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            }

            Exception? e = Record.Exception(() => Npz.Read(new MemoryStream(bad), 1 << 16, "it").Dispose());
            Assert.True(e is null or InputException, e?.ToString());
        }
    }

    [Fact]
    public void NumPy_reads_it()
    {
        using var temp = new TempFolder();
        Assert.SkipUnless(File.Exists("/usr/bin/python3") && Python(temp, "import numpy") == 0, "needs NumPy");
        using var values = new NamedValues([KeyValuePair.Create("x", OrtValue.CreateTensorValueFromMemory(new float[] { 1, 2, 3, 4, 5, 6 }, [2, 3]))]);
        using (FileStream file = File.Create(temp.File("a.npz")))
        {
            Npz.Write(file, values);
        }

        Assert.Equal(0, Python(temp, "import numpy as n; x = n.load('a.npz')['x']; assert x.shape == (2, 3) and x.dtype == n.float32 and x[1, 2] == 6; n.savez_compressed('b.npz', x=n.asfortranarray(x))"));
        using FileStream back = File.OpenRead(temp.File("b.npz"));
        using NamedValues read = Npz.Read(back, 1000, "it");
        Assert.Equal(new float[] { 1, 2, 3, 4, 5, 6 }, read["x"].GetTensorDataAsSpan<float>().ToArray());
    }

    private static int Python(TempFolder temp, string program)
    {
        using var python = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/usr/bin/python3", ["-c", program]) { WorkingDirectory = temp.Path, RedirectStandardError = true })!;
        python.WaitForExit();
        return python.ExitCode;
    }

    private static byte[] Archive(CompressionLevel level, string header, byte[] elements)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = zip.CreateEntry("x.npy", level).Open();
            byte[] text = Encoding.ASCII.GetBytes(header + "\n");
            entry.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)text.Length, (byte)(text.Length >> 8)]);
            entry.Write(text);
            entry.Write(elements);
        }

        return stream.ToArray();
    }
}
