using EdgePrune.Cli;
using EdgePrune.Cli.Output;

using var interruption = new Interruption();
return (int)CommandLine.Run(args, Surroundings.OfProcess(), interruption.Token);
