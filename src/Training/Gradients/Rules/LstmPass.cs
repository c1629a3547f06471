namespace EdgePrune.Training.Gradients.Rules;

/// <summary>One direction of an LSTM, back through time.</summary>
/// <param name="w">Writes into the graph.</param>
/// <param name="length">L, steps of the sequence.</param>
/// <param name="batch">N.</param>
/// <param name="inputs">I.</param>
/// <param name="hidden">H.</param>
/// <param name="reverse">True where the sequence is read from its end.</param>
internal sealed class LstmPass(GraphWriter w, long length, long batch, long inputs, long hidden, bool reverse)
{
    /// <param name="x">[L, N, I].</param>
    /// <param name="y">The forward pass's hidden states [L, N, H].</param>
    /// <param name="weights">[4H, I].</param>
    /// <param name="recurrent">[4H, H].</param>
    /// <param name="bias">[8H], or null.</param>
    /// <param name="hidden0">[N, H], or null for zeros.</param>
    /// <param name="cell0">[N, H], or null for zeros.</param>
    /// <param name="dy">The gradient of all hidden states, or null.</param>
    /// <param name="dLast">The gradient of the last hidden state, or null.</param>
    /// <param name="dCell">The gradient of the last cell state, or null.</param>
    public LstmRule.Gradients Run(
        string x, string y, string weights, string recurrent, string? bias, string? hidden0, string? cell0, string? dy, string? dLast, string? dCell)
    {
        // Rows of the same step lie together from here on, steps in the order in which they are computed.
        long rows = length * batch;
        string flatX = w.Reshape(InOrder(x), rows, inputs);
        string before = Shifted(w.Reshape(InOrder(y), rows, hidden), hidden0);
        string gates = w.Add(w.Gemm(flatX, weights, transB: true), w.Gemm(before, recurrent, transB: true));
        if (bias is not null)
        {
            gates = w.Add(gates, w.Add(w.Slice(bias, [0], [0], [4 * hidden]), w.Slice(bias, [0], [4 * hidden], [8 * hidden])));
        }

        (string input, string output, string forget) = (Sigmoid(gates, 0), Sigmoid(gates, 1), Sigmoid(gates, 2));
        string candidate = w.Node("Tanh", [Gate(gates, 3)]);
        string cells = Cells(forget, w.Mul(input, candidate), cell0);
        string bent = w.Node("Tanh", [cells]);

        // What a gradient of the hidden or the cell state is multiplied by on its way into each.
        string intoCell = w.Mul(output, Complement(w.Square(bent)));
        string intoInput = w.Mul(candidate, Slope(input));
        string intoOutput = w.Mul(bent, Slope(output));
        string intoForget = w.Mul(Shifted(cells, cell0), Slope(forget));
        string intoCandidate = w.Mul(input, Complement(w.Square(candidate)));
        string? dHidden = dy is null ? null : w.Reshape(InOrder(dy), rows, hidden);
        string[] steps = new string[length];
        string? cell = dCell;
        for (long t = length - 1; t >= 0; t--)
        {
            string? later = t == length - 1 ? dLast : w.Gemm(steps[t + 1], recurrent);
            string dh = w.Sum([.. new[] { dHidden is null ? null : Step(dHidden, t), later }.OfType<string>().DefaultIfEmpty(w.Fill([batch, hidden]))]);
            string own = w.Mul(dh, Step(intoCell, t));
            string dc = cell is null ? own : w.Add(own, cell);
            steps[t] = w.Concat(
                [w.Mul(dc, Step(intoInput, t)), w.Mul(dh, Step(intoOutput, t)), w.Mul(dc, Step(intoForget, t)), w.Mul(dc, Step(intoCandidate, t))], 1);
            cell = w.Mul(dc, Step(forget, t));
        }

        string all = w.Concat(steps, 0);
        return new LstmRule.Gradients(
            InOrder(w.Reshape(w.Gemm(all, weights), length, batch, inputs)),
            w.ReduceSum(all, [0], keep: false),
            () => w.Gemm(all, flatX, transA: true),
            () => w.Gemm(all, before, transA: true),
            () => w.Gemm(steps[0], recurrent),
            () => cell!);
    }

    // c ← f·c + i·g, step by step.
    private string Cells(string forget, string added, string? cell0)
    {
        string cell = cell0 ?? w.Fill([batch, hidden]);
        string[] cells = new string[length];
        for (long t = 0; t < length; t++)
        {
            cells[t] = cell = w.Add(w.Mul(Step(forget, t), cell), Step(added, t));
        }

        return w.Concat(cells, 0);
    }

    // The state before each step: the first one, then all but the last.
    private string Shifted(string states, string? first)
    {
        string start = first ?? w.Fill([batch, hidden]);
        return length == 1 ? start : w.Concat([start, w.Slice(states, [0], [0], [(length - 1) * batch])], 0);
    }

    private string InOrder(string sequence) => reverse ? w.Flip(sequence, [0], [length]) : sequence;

    private string Step(string rows, long t) => length == 1 ? rows : w.Slice(rows, [0], [t * batch], [(t + 1) * batch]);

    private string Gate(string gates, long index) => w.Slice(gates, [1], [index * hidden], [(index + 1) * hidden]);

    private string Sigmoid(string gates, long index) => w.Node("Sigmoid", [Gate(gates, index)]);

    private string Slope(string sigmoid) => w.Sub(sigmoid, w.Square(sigmoid));

    private string Complement(string value) => w.Sub(w.Scalar(1), value);
}
