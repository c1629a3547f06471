namespace EdgePrune.Pruner.Sparsity;

/// <summary>How the worth of a single weight is found.</summary>
public enum SparsityMethod
{
    /// <summary>|w| (Han et al., NIPS 2015).</summary>
    Magnitude,

    /// <summary>w² over the sum of the squares that are at least as large in its tensor (Lee et al., LAMP, ICLR 2021).</summary>
    Lamp,

    /// <summary>|w·g|, g the gradient of the loss (Lee et al., SNIP, ICLR 2019; Molchanov et al., CVPR 2019).</summary>
    WeightGradient,

    /// <summary>|g|.</summary>
    Gradient,

    /// <summary>|w|·‖x‖ (Sun et al., Wanda, ICLR 2024); compared within each row, which makes one output.</summary>
    Wanda,

    /// <summary>
    /// w² / [H⁻¹]_cc with H = XᵀX, the weights that stay making up for those that go, column by column (Hassibi and Stork, Optimal Brain
    /// Surgeon, 1992; Frantar and Alistarh, SparseGPT, ICML 2023).
    /// </summary>
    Obs,
}
