using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Bench.BudgetAccuracy;

/// <summary>
/// A keyword spotter, a transformer and a detector, each cut to 60 % of its energy by the command that a user would type, recovered, and
/// judged on samples that nothing was fitted to.
/// </summary>
internal static class SixtyBench
{
    private const int Strips = 400, StripHeight = 48, StripWidth = 320, LearnedStrips = 300;
    private const int ImageHeight = 240, ImageWidth = 320, Tile = 80;

    public static int Run(string folder, string command, IReadOnlyList<string> only)
    {
        string work = Directory.CreateTempSubdirectory("edgeprune-sixty-").FullName;
        try
        {
            Console.WriteLine("| network | energy | latency | parameters | judged on | before | after |");
            Console.WriteLine("|---|---|---|---|---|---|---|");
            Each("kws", () => Keywords(folder, command, work));
            Each("ocr", () => Text(folder, command, work));
            Each("faces", () => Faces(folder, command, work));
            return 0;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }

        void Each(string name, Action run)
        {
            if (only.Count == 0 || only.Contains(name))
            {
                run();
            }
        }
    }

    // 15 recordings of each of three classes: ten of each to learn from, five to judge by.
    private static void Keywords(string folder, string command, string work)
    {
        const int Count = 45, Length = 30 * 40;
        float[] all = Floats(File.ReadAllBytes(Path.Combine(folder, "kws", "sww_calib_specs_f32_45x30x1x40.bin")));
        byte[] labels = File.ReadAllBytes(Path.Combine(folder, "kws", "sww_calib_labels_u8.bin"));
        int[] judged = [.. Enumerable.Range(0, Count).GroupBy(i => labels[i]).SelectMany(g => g.Where((_, n) => n % 3 == 2))];
        // Recorded time first; the model wants the bands first.
        float[] Sample(int i) => [.. from band in Enumerable.Range(0, 40) from time in Enumerable.Range(0, 30) select all[(i * Length) + (time * 40) + band]];
        string learn = Write(work, "kws-learn", [.. Enumerable.Range(0, Count).Except(judged).Select(Sample)], [40, 30, 1], [.. Enumerable.Range(0, Count).Except(judged).Select(i => (long)labels[i])]);
        string test = Write(work, "kws-test", [.. judged.Select(Sample)], [40, 30, 1], [.. judged.Select(i => (long)labels[i])]);
        JsonElement made = Prune(
            command,
            Path.Combine(folder, "kws", "streaming_wakeword.onnx"),
            [
                "-o", Path.Combine(work, "kws.onnx"), "--calibration", learn, "--importance", "reconstruction", "--reconstruct", "least-squares", "--train", learn, "--recover-steps", "100", "--distill",
                "--batch", "15", "--learning-rate", "0.002", "--data", test,
            ]);
        JsonElement evaluation = made.GetProperty("evaluation");
        string Accuracy(string side) => $"{evaluation.GetProperty(side).GetProperty("classification").GetProperty("accuracy").GetDouble():P1} right";
        Row("wake word (streaming_wakeword)", made, "15 recordings", Accuracy("before"), $"{Accuracy("after")}; {Agreement(evaluation)}");
    }

    private static void Text(string folder, string command, string work)
    {
        string file = Path.Combine(folder, "transformer", "ch_PP-OCRv4_rec_infer.onnx");
        byte[] pixels = Unzipped(Path.Combine(folder, "transformer", "synthetic_text_400x48x320_u8.bin.gz"));
        string[] texts = File.ReadAllLines(Path.Combine(folder, "transformer", "synthetic_text_400_labels.txt"));
        string[] keys = ["", .. File.ReadAllLines(Path.Combine(folder, "transformer", "ppocr_keys_v1.txt")), " "];
        const int Plane = StripHeight * StripWidth;
        float[] Sample(int i)
        {
            float[] plane = [.. pixels.AsSpan(i * Plane, Plane).ToArray().Select(p => ((p / 255f) - 0.5f) / 0.5f)];
            return [.. plane, .. plane, .. plane];
        }

        string learn = Write(work, "text-learn", [.. Enumerable.Range(0, LearnedStrips).Select(Sample)], [3, StripHeight, StripWidth], null);
        string test = Write(work, "text-test", [.. Enumerable.Range(LearnedStrips, Strips - LearnedStrips).Select(Sample)], [3, StripHeight, StripWidth], null);
        string output = Path.Combine(work, "text.onnx");
        JsonElement made = Prune(
            command,
            file,
            [
                "-o", output, "--shape", $"x=1,3,{StripHeight},{StripWidth}", "--calibration", learn, "--samples", "32", "--importance", "reconstruction", "--reconstruct", "least-squares",
                "--train", learn, "--recover-steps", "300", "--distill", "--batch", "8", "--learning-rate", "0.002", "--data", test,
            ]);
        Dataset data = Dataset.Load(test);
        Row("text (PP-OCRv4 recognition)", made, "100 strips", $"{Right(file):P1} whole texts right", $"{Right(output):P1} whole texts right; {Agreement(made.GetProperty("evaluation"))}");

        double Right(string path)
        {
            using ModelSession session = ModelSession.Create(OnnxModel.Load(path), new SessionSettings { Threads = Environment.ProcessorCount });
            int right = 0;
            for (int i = 0; i < data.Count; i++)
            {
                using DatasetBatch one = data.Batch(i, 1, session.Inputs);
                using NamedValues answer = session.Run(one.Values, [session.OutputNames[0]]);
                OrtValue scores = answer[session.OutputNames[0]];
                right += Read(scores.GetTensorDataAsSpan<float>(), (int)scores.GetTensorTypeAndShape().Shape[2], keys) == texts[LearnedStrips + i] ? 1 : 0;
            }

            return (double)right / data.Count;
        }
    }

    // No photographs with faces are among the data: pictures of animals and vehicles, twelve to an image.
    private static void Faces(string folder, string command, string work)
    {
        string learn = Mosaics(Path.Combine(folder, "cifar10", "train_15000.npz"), work, "faces-learn", 96);
        string test = Mosaics(Path.Combine(folder, "cifar10", "test_10000.npz"), work, "faces-test", 48);
        JsonElement made = Prune(
            command,
            Path.Combine(folder, "detect", "version-RFB-320.onnx"),
            [
                "-o", Path.Combine(work, "faces.onnx"), "--calibration", learn, "--samples", "32", "--importance", "reconstruction", "--reconstruct", "least-squares",
                "--train", learn, "--recover-steps", "300", "--distill", "--batch", "1", "--learning-rate", "0.001", "--data", test,
            ]);
        Row("faces (RFB-320)", made, "48 images without faces", "", Agreement(made.GetProperty("evaluation")));
    }

    private static string Mosaics(string npz, string work, string name, int count)
    {
        Dataset data = Dataset.Load(npz, new DatasetOptions()).Shuffle(1);
        var input = new ModelInput("input", Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, [-1, 3, 32, 32]);
        const int Each = ImageWidth / Tile * (ImageHeight / Tile);
        // Normalised as the data's own manifest says: back to bytes by their range, which is all that is needed of a picture here.
        float[][] images = new float[count][];
        for (int i = 0; i < count; i++)
        {
            using DatasetBatch tiles = data.Batch(i * Each, Each, [input]);
            ReadOnlySpan<float> values = tiles.Values["input"].GetTensorDataAsSpan<float>();
            (float low, float high) = (values.ToArray().Min(), values.ToArray().Max());
            images[i] = new float[3 * ImageHeight * ImageWidth];
            for (int c = 0; c < 3; c++)
            {
                for (int y = 0; y < ImageHeight; y++)
                {
                    for (int x = 0; x < ImageWidth; x++)
                    {
                        int tile = (y / Tile * (ImageWidth / Tile)) + (x / Tile);
                        float value = Bilinear(values.Slice(((tile * 3) + c) * 32 * 32, 32 * 32), y % Tile, x % Tile);
                        images[i][(((c * ImageHeight) + y) * ImageWidth) + x] = ((value - low) / (high - low) * 2) - 1;
                    }
                }
            }
        }

        return Write(work, name, images, [3, ImageHeight, ImageWidth], null);
    }

    private static float Bilinear(ReadOnlySpan<float> picture, int y, int x)
    {
        (float py, float px) = (Math.Clamp(((y + 0.5f) * 32 / Tile) - 0.5f, 0, 31), Math.Clamp(((x + 0.5f) * 32 / Tile) - 0.5f, 0, 31));
        (int top, int left) = (Math.Min((int)py, 30), Math.Min((int)px, 30));
        (float dy, float dx) = (py - top, px - left);
        float At(ReadOnlySpan<float> p, int row, int column) => p[(row * 32) + column];
        return ((1 - dy) * (((1 - dx) * At(picture, top, left)) + (dx * At(picture, top, left + 1)))) + (dy * (((1 - dx) * At(picture, top + 1, left)) + (dx * At(picture, top + 1, left + 1))));
    }

    // Connectionist temporal classification, read greedily: repeats are one, the blank (0) is nothing. The empty rest of a strip reads as a
    // space, which no label has.
    private static string Read(ReadOnlySpan<float> scores, int classes, string[] keys)
    {
        var text = new StringBuilder();
        int last = 0;
        for (int at = 0; at < scores.Length; at += classes)
        {
            int best = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(scores.Slice(at, classes));
            if (best != last && best != 0)
            {
                text.Append(keys[best]);
            }

            last = best;
        }

        return text.ToString().TrimEnd();
    }

    private static JsonElement Prune(string command, string model, string[] args)
    {
        string[] all = ["prune", model, .. args, "--energy-budget", "60%", "--json"];
        Console.Error.WriteLine($"edgeprune {string.Join(' ', all)}");
        var start = new ProcessStartInfo(command, all) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode is 0 or 3 && output.Length > 0
            ? JsonDocument.Parse(output).RootElement
            : throw new InvalidOperationException($"edgeprune prune ended with {process.ExitCode}");
    }

    private static void Row(string name, JsonElement made, string on, string before, string after)
    {
        string Ratio(string property)
        {
            JsonElement figure = made.GetProperty(property);
            return $"{figure.GetProperty("median").GetDouble():P1} ({figure.GetProperty("low").GetDouble():P1} to {figure.GetProperty("high").GetDouble():P1})";
        }

        double parameters = made.GetProperty("after").GetProperty("params").GetDouble() / made.GetProperty("before").GetProperty("params").GetDouble();
        Console.WriteLine($"| {name} | {Ratio("energy_ratio")} {made.GetProperty("provenance").GetString()} | {Ratio("latency_ratio")} | {parameters:P1} | {on} | {before} | {after} |");
    }

    private static string Agreement(JsonElement evaluation)
    {
        JsonElement agreement = evaluation.GetProperty("agreement");
        string same = agreement.TryGetProperty("same_class", out JsonElement one) ? $"same class for {one.GetDouble():P1}, "
            : agreement.TryGetProperty("same_positions", out JsonElement many) ? $"same class at {many.GetDouble():P1} of the positions, " : "";
        return $"{same}R² of the outputs {agreement.GetProperty("outputs").GetProperty("r2").GetDouble():F3}";
    }

    private static string Write(string work, string name, float[][] samples, int[] shape, long[]? labels)
    {
        string folder = Directory.CreateDirectory(Path.Combine(work, name)).FullName;
        string path = Path.Combine(folder, "input.npy");
        using (FileStream file = File.Create(path))
        {
            file.Write(Header("<f4", $"({samples.Length}, {string.Join(", ", shape)})"));
            foreach (float[] sample in samples)
            {
                file.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(sample));
            }
        }

        if (labels is not null)
        {
            File.WriteAllBytes(Path.Combine(folder, "labels.npy"), [.. Header("<i8", $"({labels.Length},)"), .. System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>(labels)]);
        }

        return path;
    }

    private static byte[] Header(string type, string shape)
    {
        string text = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}";
        text = text.PadRight(((text.Length + 11 + 63) / 64 * 64) - 11) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. Encoding.ASCII.GetBytes(text)];
    }

    private static float[] Floats(byte[] bytes) => [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes)];

    private static byte[] Unzipped(string path)
    {
        using var zip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var all = new MemoryStream();
        zip.CopyTo(all);
        return all.ToArray();
    }
}
