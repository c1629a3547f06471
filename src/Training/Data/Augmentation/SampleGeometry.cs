using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Augmentation;

/// <summary>How a sample lies in memory.</summary>
internal sealed class SampleGeometry
{
    public SampleGeometry(DatasetColumn column)
    {
        Preprocessing preprocessing = column.Preprocessing;
        Shape = preprocessing.Shape;
        Name = column.Array.Name;
        Empty = preprocessing.Offset is { } offset ? [.. offset.Select(value => (float)value)] : new float[column.Array.RowLength];
        bool planar = preprocessing.Layout == TensorLayout.Nchw;
        Image = Shape.Length switch
        {
            3 when planar => new ImageGeometry(Shape[0], Shape[1], Shape[2], Shape[1] * Shape[2], Shape[2], 1),
            3 => new ImageGeometry(Shape[2], Shape[0], Shape[1], 1, Shape[1] * Shape[2], Shape[2]),
            2 => new ImageGeometry(1, Shape[0], Shape[1], 0, Shape[1], 1),
            _ => null,
        };
    }

    /// <summary>Of one sample, without the batch.</summary>
    public int[] Shape { get; }

    /// <summary>Name of the array, for messages.</summary>
    public string Name { get; }

    /// <summary>What a stored zero (black, silence) has become by preprocessing, for each element.</summary>
    public float[] Empty { get; }

    /// <summary>The sample as an image; null where it has another number of axes than two or three.</summary>
    public ImageGeometry? Image { get; }

    /// <exception cref="InputException">The sample is no image.</exception>
    public ImageGeometry RequireImage(string augmentation) => Image
        ?? throw new InputException($"'{augmentation}' needs images; a sample of '{Printable.Name(Name)}' is [{string.Join(", ", Shape)}]. Give 'shape' in data.yaml, or leave the augmentation out");
}
