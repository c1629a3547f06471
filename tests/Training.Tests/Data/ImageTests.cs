using System.Text;
using EdgePrune.Onnx;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data.Images;

namespace EdgePrune.Training.Tests.Data;

public sealed class ImageTests
{
    private static string Fixture(string name) => Path.Combine(Repository.Root, "tests", "Training.Tests", "Fixtures", name);

    public static TheoryData<int, int> PngKinds { get; } = new()
    {
        { 0, 1 }, { 0, 2 }, { 0, 4 }, { 0, 8 }, { 0, 16 }, { 2, 8 }, { 2, 16 }, { 3, 1 }, { 3, 2 }, { 3, 4 }, { 3, 8 }, { 4, 8 }, { 4, 16 }, { 6, 8 }, { 6, 16 },
    };

    [Theory]
    [MemberData(nameof(PngKinds))]
    public void Png_of_every_kind_filter_and_interlace_gives_back_its_samples(int colour, int depth)
    {
        using TempFolder folder = new();
        Random random = new(colour + (100 * depth));
        for (int trial = 0; trial < 24; trial++)
        {
            int width = random.Next(1, 21), height = random.Next(1, 19);
            int perPixel = colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
            int[] samples = [.. Enumerable.Range(0, width * height * perPixel).Select(_ => random.Next(1 << depth))];
            byte[]? palette = colour == 3 ? new byte[3 << depth] : null;
            random.NextBytes(palette ?? []);
            int[] filters = [.. Enumerable.Range(0, height).Select(_ => random.Next(5))];
            string path = DataFiles.Write(folder, "image.png", PngWriter.Write(width, height, colour, depth, samples, line => filters[line], interlaced: trial % 2 == 1, palette));

            Image image = ImageFile.Read(path);

            int channels = colour is 0 or 4 ? 1 : 3;
            byte[] expected = [.. Enumerable.Range(0, width * height).SelectMany(pixel => Enumerable.Range(0, channels).Select(channel =>
            {
                int sample = samples[(pixel * perPixel) + (colour == 3 ? 0 : channel)];
                return colour == 3 ? palette![(3 * sample) + channel] : depth == 16 ? (byte)(sample >> 8) : (byte)(sample * 255 / ((1 << depth) - 1));
            }))];
            Assert.Equal((width, height, channels), (image.Width, image.Height, image.Channels));
            Assert.Equal(expected, image.Pixels);
        }
    }

    /// <summary>libjpeg-turbo, through Pillow, decoded the reference; the tolerance for JPEG is none.</summary>
    [Theory]
    [InlineData("444")]
    [InlineData("422")]
    [InlineData("420")]
    [InlineData("420-progressive")]
    [InlineData("444-progressive")]
    [InlineData("422-optimised")]
    [InlineData("gray")]
    [InlineData("gray-progressive")]
    [InlineData("tiny")]
    public void Jpeg_is_decoded_as_libjpeg_turbo_decodes_it(string name)
    {
        Image jpeg = ImageFile.Read(Fixture(name + ".jpg"));
        Image reference = ImageFile.Read(Fixture(name + ".png"));
        Assert.Equal((reference.Width, reference.Height, reference.Channels), (jpeg.Width, jpeg.Height, jpeg.Channels));
        Assert.Equal(0, jpeg.Pixels.Zip(reference.Pixels).Max(pair => Math.Abs(pair.First - pair.Second)));
    }

    [Theory]
    [InlineData("smaller")]
    [InlineData("larger")]
    [InlineData("flat")]
    public void Resizing_gives_what_Pillow_gives(string name)
    {
        Image reference = ImageFile.Read(Fixture($"resized-{name}.png"));
        Image resized = ImageFile.Read(Fixture("picture.png")).Resize(reference.Width, reference.Height);
        Assert.Equal(reference.Pixels, resized.Pixels);
    }

    [Fact]
    public void Bitmaps_written_by_Pillow_give_back_their_pixels()
    {
        Assert.Equal(ImageFile.Read(Fixture("picture.png")).Pixels, ImageFile.Read(Fixture("rgb24.bmp")).Pixels);
        Image black = ImageFile.Read(Fixture("one.bmp"));
        Assert.Equal((61, 45), (black.Width, black.Height));
        Assert.Equal<byte[]>([0, 255], [.. black.Pixels.Distinct().Order()]);
        // Two hundred colours of the picture: near it, not equal to it.
        double distance = ImageFile.Read(Fixture("palette.bmp")).Pixels.Zip(ImageFile.Read(Fixture("picture.png")).Pixels).Average(pair => Math.Abs(pair.First - pair.Second));
        Assert.InRange(distance, 0.1, 8);
    }

    [Theory]
    [InlineData("P2 # gray as text\n2 2\n15\n0 15\n5 10", 1, new byte[] { 0, 255, 85, 170 })]
    [InlineData("P3\n1 1 255 1 2 3\n", 3, new byte[] { 1, 2, 3 })]
    [InlineData("P5 2 1 255\nAB", 1, new byte[] { 65, 66 })]
    [InlineData("P6 1 1 255\nABC", 3, new byte[] { 65, 66, 67 })]
    [InlineData("P5 1 1 65535\nAB", 1, new byte[] { 65 })]
    public void Netpbm_is_read(string text, int channels, byte[] pixels)
    {
        using TempFolder folder = new();
        Image image = ImageFile.Read(DataFiles.Write(folder, "image.pnm", Encoding.Latin1.GetBytes(text)));
        Assert.Equal(channels, image.Channels);
        Assert.Equal(pixels, image.Pixels);
    }

    /// <summary>Hostile pictures end in an image or in a clear error, never in another exception.</summary>
    [Theory]
    [InlineData("picture.png")]
    [InlineData("420.jpg")]
    [InlineData("420-progressive.jpg")]
    [InlineData("gray-progressive.jpg")]
    [InlineData("palette.bmp")]
    [InlineData("one.bmp")]
    public void Damaged_pictures_are_refused_or_decoded(string name)
    {
        using TempFolder folder = new();
        byte[] good = File.ReadAllBytes(Fixture(name));
        Random random = new(5);
        int refused = 0;
        for (int trial = 0; trial < 300; trial++)
        {
            byte[] bad = trial % 3 == 0 ? good[..random.Next(1, good.Length)] : [.. good];
            for (int flip = trial % 3; flip > 0; flip--)
            {
                // The first bytes hold the structure, so half of the damage goes there.
                bad[random.Next(random.Next(2) == 0 ? Math.Min(200, bad.Length) : bad.Length)] ^= (byte)(1 << random.Next(8));
            }

            string path = DataFiles.Write(folder, "bad" + Path.GetExtension(name), bad);
            try
            {
                ImageFile.Read(path);
            }
            catch (InputException error)
            {
                Assert.Contains(path, error.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.True(refused >= 80, $"only {refused} of 300 damaged files were refused");
    }
}
