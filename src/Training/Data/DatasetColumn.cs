using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Training.Data;

/// <summary>An array of a dataset with the preprocessing that belongs to it.</summary>
/// <param name="Array">As stored.</param>
/// <param name="Preprocessing">How a sample becomes what the model takes.</param>
/// <param name="IsNamedInput">Whether <c>data.yaml</c> calls it the model's input.</param>
internal sealed record DatasetColumn(DataArray Array, Preprocessing Preprocessing, bool IsNamedInput)
{
    public DatasetInput Description => new(Array.Name, Array.Type, Preprocessing.Shape);

    /// <summary>The rows as a value of the model's type and shape; the caller disposes it.</summary>
    public OrtValue ToValue(ReadOnlySpan<int> rows, ModelInput input)
    {
        long[] shape = BatchShape(input, rows.Length);
        var reader = new SampleReader(this, input);
        OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, input.Type, shape);
        try
        {
            Span<byte> target = value.GetTensorMutableRawData();
            for (int at = 0; at < rows.Length; at++)
            {
                reader.Read(rows[at], target.Slice(at * reader.Bytes, reader.Bytes));
            }

            return value;
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }

    /// <summary>The shape of a batch in the model's terms: equal to the data's but for axes of length 1, which may be added or left out.</summary>
    /// <exception cref="InputException">The shapes do not fit; the message gives both.</exception>
    public long[] BatchShape(ModelInput input, int batch) => [batch, .. SampleShape(input, batch)];

    private IEnumerable<long> SampleShape(ModelInput input, int batch)
    {
        int[] data = Preprocessing.Shape;
        if (input.Shape.Length == 0 || (input.Shape[0] > 0 && input.Shape[0] != batch))
        {
            throw new InputException($"the model's input '{input.Name}' is [{Print(input.Shape)}], a fixed batch; a batch of {batch} does not fit");
        }

        int[] model = input.Shape[1..];
        if (model.Length == data.Length && model.Zip(data).All(pair => pair.First < 0 || pair.First == pair.Second))
        {
            return data.Select(dim => (long)dim);
        }

        int[] dense = [.. data.Where(dim => dim != 1)];
        int[] modelDense = [.. model.Where(dim => dim != 1)];
        if (dense.Length != modelDense.Length || !modelDense.Zip(dense).All(pair => pair.First < 0 || pair.First == pair.Second))
        {
            throw new InputException($"{Array.Source}: a sample of '{Array.Name}' is [{Print(data)}], the model's input '{input.Name}' takes [{Print(input.Shape)}], batch first; expected the same shape (see 'layout', 'size' and 'shape' in data.yaml)");
        }

        Queue<int> lengths = new(dense);
        return [.. model.Select(dim => dim == 1 ? 1L : lengths.Dequeue())];
    }

    private static string Print(IEnumerable<int> shape) => string.Join(", ", shape.Select(dim => dim < 0 ? "?" : dim.ToString()));
}
