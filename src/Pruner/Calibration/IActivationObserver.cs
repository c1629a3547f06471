namespace EdgePrune.Pruner.Calibration;

/// <summary>Takes in a value of the model batch by batch, and keeps what it needs of it, not the value.</summary>
internal interface IActivationObserver
{
    /// <summary>The value, an input of the model or computed, of float32.</summary>
    string Value { get; }

    /// <summary>A batch. Not called by two threads at once.</summary>
    /// <param name="values">Row-major.</param>
    /// <param name="dims">Dimensions, the samples first.</param>
    void Observe(ReadOnlySpan<float> values, long[] dims);
}
