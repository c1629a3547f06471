namespace EdgePrune.Cli.Documents;

/// <summary>What training the pruned model on has brought; accuracies are 0 to 1, on samples that were held back.</summary>
/// <param name="Output">The recovered model's file.</param>
/// <param name="Samples">Samples trained on.</param>
/// <param name="ValidationSamples">Samples held back to judge epochs by.</param>
/// <param name="Epochs">Epochs done.</param>
/// <param name="BestEpoch">The epoch whose weights were kept.</param>
/// <param name="Before">Accuracy of the pruned model.</param>
/// <param name="After">Accuracy of the recovered model.</param>
/// <param name="Seconds">Time of the training steps.</param>
internal sealed record RecoveryDocument(string Output, int Samples, int ValidationSamples, int Epochs, int BestEpoch, double? Before, double? After, double Seconds);
