using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Augmentation;

/// <summary>A random change to training samples. What it draws depends on seed, epoch and sample alone.</summary>
public interface IAugmentation
{
    /// <summary>As a command line writes it, its amount included: <c>crop:4</c>.</summary>
    string Name { get; }

    /// <summary>Makes sure that it can be done to samples of this kind.</summary>
    /// <exception cref="InputException">It cannot; the message says why.</exception>
    internal void Check(SampleGeometry geometry);

    /// <summary>Changes one sample in place.</summary>
    /// <param name="sample">The preprocessed sample.</param>
    /// <param name="scratch">Room for another one; what it holds does not matter.</param>
    /// <param name="geometry">Shape of the sample, and what stands for nothing in it.</param>
    /// <param name="random">Draws of this sample in this epoch.</param>
    internal void Apply(Span<float> sample, Span<float> scratch, SampleGeometry geometry, ref SampleRandom random);
}
