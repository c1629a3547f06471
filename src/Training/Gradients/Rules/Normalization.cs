namespace EdgePrune.Training.Gradients.Rules;

/// <summary>What the normalisations share: x̂ = (x − mean)/√(var + ε) over some axes.</summary>
internal static class Normalization
{
    /// <summary>x̂ and 1/√(var + ε), computed anew from x.</summary>
    public static (string Normal, string Inverse) Statistics(GraphWriter w, string x, long[] axes, double epsilon)
    {
        string centred = w.Sub(x, w.ReduceMean(x, axes));
        string variance = w.ReduceMean(w.Square(centred), axes);
        string inverse = w.Node("Reciprocal", [w.Sqrt(w.Add(variance, w.Scalar(epsilon)))]);
        return (w.Mul(centred, inverse), inverse);
    }

    /// <summary>The gradient of x from that of x̂: (d − mean(d) − x̂·mean(d·x̂))·inverse.</summary>
    public static string Backward(GraphWriter w, string gradient, string normal, string inverse, long[] axes)
    {
        string centred = w.Sub(gradient, w.ReduceMean(gradient, axes));
        string along = w.Mul(normal, w.ReduceMean(w.Mul(gradient, normal), axes));
        return w.Mul(w.Sub(centred, along), inverse);
    }
}
