using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Images.Jpeg;

/// <summary>One scan: fills in coefficients, sequentially (T.81, F.2) or as one step of a progression (T.81, G.2).</summary>
internal sealed class JpegScan
{
    private readonly JpegFrame frame;
    private readonly IReadOnlyList<JpegComponent> components;
    private readonly JpegBits bits;
    private readonly string path;
    private int endOfBandRun;

    public JpegScan(JpegFrame frame, IReadOnlyList<JpegComponent> components, JpegBits bits, string path)
    {
        this.frame = frame;
        this.components = components;
        this.bits = bits;
        this.path = path;
    }

    public required HuffmanTable?[] Dc { get; init; }

    public required HuffmanTable?[] Ac { get; init; }

    /// <summary>First and last coefficient of the band, in zigzag order.</summary>
    public required (int Start, int End) Band { get; init; }

    /// <summary>Bit position of the step before (0 for the first) and of this one.</summary>
    public required (int High, int Low) Approximation { get; init; }

    public required int RestartInterval { get; init; }

    public void Decode()
    {
        if (components.Count > 1)
        {
            Run(frame.McuColumns * frame.McuRows, DecodeMcu);
            return;
        }

        JpegComponent only = components[0];
        int columns = (only.Width + 7) / 8, rows = (only.Height + 7) / 8;
        Run(columns * rows, at => DecodeBlock(only, only.Block(at / columns, at % columns)));
    }

    private void DecodeMcu(int mcu)
    {
        int top = mcu / frame.McuColumns, left = mcu % frame.McuColumns;
        foreach (JpegComponent component in components)
        {
            for (int y = 0; y < component.V; y++)
            {
                for (int x = 0; x < component.H; x++)
                {
                    DecodeBlock(component, component.Block((top * component.V) + y, (left * component.H) + x));
                }
            }
        }
    }

    private void Run(int units, Action<int> decode)
    {
        foreach (JpegComponent component in components)
        {
            component.Predictor = 0;
        }

        for (int at = 0; at < units; at++)
        {
            if (RestartInterval > 0 && at > 0 && at % RestartInterval == 0)
            {
                bits.Restart(((at / RestartInterval) - 1) % 8);
                endOfBandRun = 0;
                foreach (JpegComponent component in components)
                {
                    component.Predictor = 0;
                }
            }

            decode(at);
        }
    }

    private void DecodeBlock(JpegComponent component, Span<short> block)
    {
        if (!frame.Progressive)
        {
            block[0] = NextDc(component, 0);
            DecodeBand(component, block, 1, 63);
        }
        else if (Band.Start == 0)
        {
            if (Approximation.High == 0)
            {
                block[0] = NextDc(component, Approximation.Low);
            }
            else
            {
                block[0] |= (short)(bits.Bit() << Approximation.Low);
            }
        }
        else if (Approximation.High == 0)
        {
            DecodeBand(component, block, Band.Start, Band.End);
        }
        else
        {
            RefineBand(component, block);
        }
    }

    private short NextDc(JpegComponent component, int shift)
    {
        int size = Symbol(Dc[component.DcTable]);
        if (size > 11)
        {
            throw Bad($"a DC difference of {size} bits");
        }

        component.Predictor += bits.Extended(size);
        return (short)(component.Predictor << shift);
    }

    private void DecodeBand(JpegComponent component, Span<short> block, int start, int end)
    {
        if (endOfBandRun > 0)
        {
            endOfBandRun--;
            return;
        }

        for (int at = start; at <= end; at++)
        {
            int symbol = Symbol(Ac[component.AcTable]);
            int run = symbol >> 4, size = symbol & 15;
            if (size == 0 && run < 15)
            {
                // In a sequential scan only the plain end of block exists, which is a run of one.
                endOfBandRun = frame.Progressive ? (1 << run) + bits.Bits(run) - 1 : 0;
                return;
            }

            at += run;
            if (at > end)
            {
                throw Bad("a run of zeros leaves its block");
            }

            block[Zigzag.Natural[at]] = (short)(bits.Extended(size) << Approximation.Low);
        }
    }

    /// <summary>One more bit of every coefficient that is not zero, and new ones of value ±1 at this bit.</summary>
    private void RefineBand(JpegComponent component, Span<short> block)
    {
        short one = (short)(1 << Approximation.Low);
        int at = Band.Start;
        while (endOfBandRun == 0 && at <= Band.End)
        {
            int symbol = Symbol(Ac[component.AcTable]);
            int run = symbol >> 4, size = symbol & 15;
            if (size == 0 && run < 15)
            {
                endOfBandRun = (1 << run) + bits.Bits(run);
                break;
            }

            short fresh = size == 0 ? (short)0 : bits.Bit() == 1 ? one : (short)-one;
            at = SkipRefining(block, at, run, one);
            if (at > Band.End && fresh != 0)
            {
                throw Bad("a run of zeros leaves its block");
            }

            if (fresh != 0)
            {
                block[Zigzag.Natural[at]] = fresh;
            }

            at++;
        }

        if (endOfBandRun > 0)
        {
            SkipRefining(block, at, int.MaxValue, one);
            endOfBandRun--;
        }
    }

    /// <summary>Passes <paramref name="zeros"/> zero coefficients, refining the others; the position of the next zero, or past the band.</summary>
    private int SkipRefining(Span<short> block, int at, int zeros, short one)
    {
        for (; at <= Band.End; at++)
        {
            ref short value = ref block[Zigzag.Natural[at]];
            if (value == 0)
            {
                if (zeros-- == 0)
                {
                    break;
                }
            }
            else if (bits.Bit() == 1 && (value & one) == 0)
            {
                value += value > 0 ? one : (short)-one;
            }
        }

        return at;
    }

    private int Symbol(HuffmanTable? table)
    {
        int symbol = table?.Decode(bits) ?? throw Bad("it uses a Huffman table that it does not define");
        return symbol >= 0 ? symbol : throw Bad("its image data are no Huffman code; the file is damaged");
    }

    private InputException Bad(string why) => new($"{path}: the JPEG cannot be read: {why}");
}
