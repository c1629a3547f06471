using ConvGradient;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Training.Gradients;

int threads = int.Parse(args[0]);
int rounds = args.Length > 1 ? int.Parse(args[1]) : 21;
foreach ((long n, long c, long h) in new[] { (64L, 32L, 16L), (64, 16, 32), (64, 64, 8) })
{
    long w = h;
    long o = c;
    var x = new Dictionary<string, long[]> { ["x"] = [n, c, h, w] };
    var xw = new Dictionary<string, long[]> { ["x"] = [n, c, h, w], ["w"] = [o, c, 3, 3] };
    var xy = new Dictionary<string, long[]> { ["x"] = [n, c, h, w], ["dy"] = [n, o, h, w] };
    var yw = new Dictionary<string, long[]> { ["dy"] = [n, o, h, w], ["w"] = [o, c, 3, 3] };
    Console.WriteLine($"threads {threads}, {c} channels, {h}x{w}, batch {n}");
    using var timer = new GraphTimer(threads);
    timer.Add("forward Conv", xw, g => g.Node("Conv", ["x", "w"], a => a.SetInts("pads", [1, 1, 1, 1])));
    timer.Add("forward nchwc", xw, g =>
    {
        long b = 16;
        string wr = g.Reshape(g.Transpose(g.Reshape("w", o / b, b, c / b, b, 3, 3), 0, 2, 4, 5, 3, 1), o, c, 3, 3);
        string xr = g.Node("ReorderInput", ["x"], a => { a.Domain = "com.microsoft.nchwc"; });
        string y = g.Node("Conv", [xr, wr], a => { a.Domain = "com.microsoft.nchwc"; a.SetInts("pads", [1, 1, 1, 1]); a.SetInts("kernel_shape", [3, 3]); a.SetInt("group", 1); a.SetInts("strides", [1, 1]); a.SetInts("dilations", [1, 1]); });
        return g.Node("ReorderOutput", [y], a => { a.Domain = "com.microsoft.nchwc"; a.SetInt("channels", o); a.SetInt("channels_last", 0); });
    }, nchwc: true);
    timer.Add("nchwc reorders only", x, g =>
    {
        string xr = g.Node("ReorderInput", ["x"], a => { a.Domain = "com.microsoft.nchwc"; });
        return g.Node("ReorderOutput", [xr], a => { a.Domain = "com.microsoft.nchwc"; a.SetInt("channels", c); a.SetInt("channels_last", 0); });
    }, nchwc: true);
    timer.Add("input ConvTranspose", yw, g => g.Node("ConvTranspose", ["dy", "w"], a => a.SetInts("pads", [1, 1, 1, 1])));
    timer.Add("input flipped Conv", yw, g => g.Node("Conv", ["dy", Flip(g)], a => a.SetInts("pads", [1, 1, 1, 1])));
    timer.Add("weight unfold+one GEMM", xy, g =>
    {
        string p = g.Pad(g.Transpose("x", 1, 0, 2, 3), 0, 0, 1, 1, 0, 0, 1, 1);
        var taps = Taps().Select(t => g.Slice(p, [2, 3], [t.I, t.J], [t.I + h, t.J + w])).ToList();
        string u = g.Reshape(g.Concat(taps, 0), 9 * c, n * h * w);
        string d = g.Reshape(g.Transpose("dy", 1, 0, 2, 3), o, n * h * w);
        return g.Transpose(g.Reshape(g.Gemm(d, u, transB: true), o, 3, 3, c), 0, 3, 1, 2);
    });
    timer.Add("weight unfold+batched", xy, g =>
    {
        string p = g.Pad("x", 0, 0, 1, 1, 0, 0, 1, 1);
        var taps = Taps().Select(t => g.Slice(p, [2, 3], [t.I, t.J], [t.I + h, t.J + w])).ToList();
        string u = g.Reshape(g.Concat(taps, 1), n, 9 * c, h * w);
        string d = g.Reshape("dy", n, o, h * w);
        return g.Transpose(g.Reshape(g.ReduceSum(g.MatMul(d, g.Transpose(u, 0, 2, 1)), [0]), o, 3, 3, c), 0, 3, 1, 2);
    });
    timer.Add("weight 9 GEMMs", xy, g =>
    {
        string p = g.Pad(g.Transpose("x", 1, 0, 2, 3), 0, 0, 1, 1, 0, 0, 1, 1);
        string d = g.Reshape(g.Transpose("dy", 1, 0, 2, 3), o, n * h * w);
        var taps = Taps().Select(t => g.Reshape(g.Gemm(d, g.Reshape(g.Slice(p, [2, 3], [t.I, t.J], [t.I + h, t.J + w]), c, n * h * w), transB: true), o, 1, 1, c)).ToList();
        return g.Transpose(g.Reshape(g.Concat(taps, 1), o, 3, 3, c), 0, 3, 1, 2);
    });
    timer.Add("weight separable batched", xy, g =>
    {
        string a = g.Reshape(g.Concat([.. Enumerable.Range(0, 3).Select(i => g.Pad("dy", 0, 0, i, 0, 0, 0, 2 - i, 0))], 1), n, 3 * o, (h + 2) * w);
        string b = g.Reshape(g.Concat([.. Enumerable.Range(0, 3).Select(j => g.Pad("x", 0, 0, 1, 1 - j, 0, 0, 1, j - 1))], 1), n, 3 * c, (h + 2) * w);
        return g.Transpose(g.Reshape(g.ReduceSum(g.MatMul(a, g.Transpose(b, 0, 2, 1)), [0]), 3, o, 3, c), 1, 3, 0, 2);
    });
    timer.Add("weight separable one GEMM", xy, g =>
    {
        string dt = g.Transpose("dy", 1, 0, 2, 3);
        string xt = g.Transpose("x", 1, 0, 2, 3);
        string a = g.Reshape(g.Concat([.. Enumerable.Range(0, 3).Select(i => g.Pad(dt, 0, 0, i, 0, 0, 0, 2 - i, 0))], 0), 3 * o, n * (h + 2) * w);
        string b = g.Reshape(g.Concat([.. Enumerable.Range(0, 3).Select(j => g.Pad(xt, 0, 0, 1, 1 - j, 0, 0, 1, j - 1))], 0), 3 * c, n * (h + 2) * w);
        return g.Transpose(g.Reshape(g.Gemm(a, b, transB: true), 3, o, 3, c), 1, 3, 0, 2);
    });
    timer.Add("weight separable copies only", xy, g =>
    {
        string dt = g.Transpose("dy", 1, 0, 2, 3);
        string xt = g.Transpose("x", 1, 0, 2, 3);
        string a = g.Reshape(g.Concat([.. Enumerable.Range(0, 3).Select(i => g.Pad(dt, 0, 0, i, 0, 0, 0, 2 - i, 0))], 0), 3 * o, n * (h + 2) * w);
        string b = g.Reshape(g.Concat([.. Enumerable.Range(0, 3).Select(j => g.Pad(xt, 0, 0, 1, 1 - j, 0, 0, 1, j - 1))], 0), 3 * c, n * (h + 2) * w);
        return g.Add(g.ReduceMax(a, [0, 1]), g.ReduceMax(b, [0, 1]));
    });
    timer.Add("weight separable, contiguous slices", xy, g =>
    {
        long wp = w + 2, l = (h + 2) * wp;
        string xp = g.Reshape(g.Pad("x", 0, 0, 1, 1, 0, 0, 2, 1), n, c, (h + 3) * wp);
        string dp = g.Reshape(g.Pad("dy", 0, 0, 2, 0, 0, 0, 2, 2), n, o, (h + 4) * wp);
        string a = g.Concat([.. Enumerable.Range(0, 3).Select(i => g.Slice(dp, [2], [(2 - i) * wp], [((2 - i) * wp) + l]))], 1);
        string b = g.Concat([.. Enumerable.Range(0, 3).Select(j => g.Slice(xp, [2], [j], [j + l]))], 1);
        return g.Transpose(g.Reshape(g.ReduceSum(g.MatMul(a, g.Transpose(b, 0, 2, 1)), [0]), 3, o, 3, c), 1, 3, 0, 2);
    });
    timer.Add("weight unfold by one-hot Conv", xy, g =>
    {
        string e = g.Reals([.. Enumerable.Range(0, (int)c).SelectMany(_ => Enumerable.Range(0, 81).Select(i => i / 9 == i % 9 ? 1.0 : 0))], [9 * c, 1, 3, 3]);
        string u = g.Reshape(g.Node("Conv", ["x", e], t => { t.SetInts("pads", [1, 1, 1, 1]); t.SetInt("group", c); }), n, 9 * c, h * w);
        return g.Reshape(g.ReduceSum(g.MatMul(g.Reshape("dy", n, o, h * w), g.Transpose(u, 0, 2, 1)), [0]), o, c, 3, 3);
    });
    timer.Add("weight separable by one-hot Conv", xy, g => Separable(g, true));
    timer.Add("weight separable by one-hot Conv, copies only", xy, g => Separable(g, false));
    timer.Add("weight nchwc Conv as kernel", xy, g =>
    {
        const long B = 16;
        string xr = g.Node("ReorderInput", [g.Transpose("x", 1, 0, 2, 3)], a => a.Domain = "com.microsoft.nchwc");
        string dr = g.Node("ReorderInput", ["dy"], a => a.Domain = "com.microsoft.nchwc");
        string f = g.Reshape(g.Transpose(g.Reshape(dr, n / B, B, o / B, h * w, B), 2, 0, 3, 1, 4), o, n, h, w);
        string y = g.Node("Conv", [xr, f], a => { a.Domain = "com.microsoft.nchwc"; a.SetInts("pads", [1, 1, 1, 1]); a.SetInts("kernel_shape", [h, w]); a.SetInt("group", 1); a.SetInts("strides", [1, 1]); a.SetInts("dilations", [1, 1]); });
        return g.Transpose(g.Node("ReorderOutput", [y], a => { a.Domain = "com.microsoft.nchwc"; a.SetInt("channels", o); a.SetInt("channels_last", 0); }), 1, 0, 2, 3);
    }, nchwc: true);
    timer.Add("weight nchwc Conv as kernel, copies only", xy, g =>
    {
        const long B = 16;
        string xr = g.Node("ReorderInput", [g.Transpose("x", 1, 0, 2, 3)], a => a.Domain = "com.microsoft.nchwc");
        string dr = g.Node("ReorderInput", ["dy"], a => a.Domain = "com.microsoft.nchwc");
        string f = g.Reshape(g.Transpose(g.Reshape(dr, n / B, B, o / B, h * w, B), 2, 0, 3, 1, 4), o, n, h, w);
        return g.Add(g.ReduceMax(g.Reshape(xr, -1), [0]), g.ReduceMax(f, [0, 1, 2, 3], keep: false));
    }, nchwc: true);
    timer.Add("weight Conv as kernel", xy, g => g.Transpose(g.Node("Conv", [g.Transpose("x", 1, 0, 2, 3), g.Transpose("dy", 1, 0, 2, 3)], a => a.SetInts("pads", [1, 1, 1, 1])), 1, 0, 2, 3));
    var xcd = new Dictionary<string, long[]> { ["x"] = [n, c, h, w], ["s"] = [c], ["t"] = [c], ["m"] = [c], ["v"] = [c] };
    timer.Add("affine BatchNormalization", xcd, g => g.Node("BatchNormalization", ["x", "s", "t", "m", "v"]));
    timer.Add("affine Mul+Add", xcd, g => g.Add(g.Mul("x", g.Reshape("s", 1, c, 1, 1)), g.Reshape("t", 1, c, 1, 1)));
    timer.Add("affine depthwise Conv", xcd, g => g.Node("Conv", ["x", g.Reshape("s", c, 1, 1, 1), "t"], a => a.SetInt("group", c)));
    timer.Add("affine depthwise FusedConv Relu + Z", xcd, g => g.Node("FusedConv", ["x", g.Reshape("s", c, 1, 1, 1), "t", "x"], a => { a.Domain = "com.microsoft"; a.SetInt("group", c); a.SetString("activation", "Relu"); }));
    timer.Add("relu", x, g => g.Node("Relu", ["x"]));
    timer.Add("relu grad Where(Greater)", xy, g => g.Where(g.Greater("x", g.Scalar(0)), "dy", g.Scalar(0)));
    timer.Add("relu grad Mul(Sign)", xy, g => g.Mul("dy", g.Node("Sign", ["x"])));
    timer.Add("relu grad Mul(Cast(Greater))", xy, g => g.Mul("dy", g.Indicator(g.Greater("x", g.Scalar(0)))));
    timer.Add("mul", xy, g => g.Mul("dy", "x"));
    timer.Add("mean over 0,2,3", x, g => g.ReduceMean("x", [0, 2, 3]));
    timer.Add("sumsquare over 0,2,3", x, g => g.ReduceSumSquare("x", [0, 2, 3]));
    timer.Add("mean over 3 (rows) then n", x, g => g.ReduceMean(g.ReduceMean(g.Reshape("x", n, c, h * w), [2]), [0]));
    timer.Add("dot Mul+ReduceSum", xy, g => g.ReduceSum(g.Mul("dy", "x"), [0, 2, 3]));
    timer.Add("dot MatMul", xy, g => g.ReduceSum(g.MatMul(g.Reshape("dy", n, c, 1, h * w), g.Reshape("x", n, c, h * w, 1)), [0, 2, 3]));
    timer.Add("sums by MatMul with ones", x, g => g.ReduceSum(g.MatMul(g.Reshape("x", n, c, h * w), g.Fill([h * w, 1], 1)), [0, 2]));
    timer.Run(rounds);

    string Separable(GraphWriter g, bool product)
    {
        double[] hot = [1, 0, 0, 0, 1, 0, 0, 0, 1];
        double[] turned = [0, 0, 1, 0, 1, 0, 1, 0, 0];
        string rows = g.Reals([.. Enumerable.Range(0, (int)o).SelectMany(_ => turned)], [3 * o, 1, 3, 1]);
        string columns = g.Reals([.. Enumerable.Range(0, (int)c).SelectMany(_ => hot)], [3 * c, 1, 1, 3]);
        string a = g.Node("Conv", ["dy", rows], t => { t.SetInts("pads", [2, 0, 2, 0]); t.SetInt("group", o); });
        string b = g.Node("Conv", ["x", columns], t => { t.SetInts("pads", [1, 1, 1, 1]); t.SetInt("group", c); });
        if (!product)
        {
            return g.Add(g.ReduceMax(a, [0, 1, 2, 3]), g.ReduceMax(b, [0, 1, 2, 3]));
        }

        string m = g.MatMul(g.Reshape(a, n, 3 * o, (h + 2) * w), g.Transpose(g.Reshape(b, n, 3 * c, (h + 2) * w), 0, 2, 1));
        return g.Transpose(g.Reshape(g.ReduceSum(m, [0]), o, 3, c, 3), 0, 2, 1, 3);
    }

    static string Flip(GraphWriter g) => g.Slice(g.Transpose("w", 1, 0, 2, 3), [2, 3], [-1, -1], [long.MinValue, long.MinValue], [-1, -1]);

    static IEnumerable<(long I, long J)> Taps() => from i in Enumerable.Range(0, 3) from j in Enumerable.Range(0, 3) select ((long)i, (long)j);
}
