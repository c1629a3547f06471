using System.Globalization;
using EdgePrune.Bench.BudgetAccuracy;

// Usage: see bench/budget-accuracy, bench/against-macs and bench/sixty-percent.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
double Number(int i, double usual) => args.Length > i ? double.Parse(args[i], CultureInfo.InvariantCulture) : usual;
return args[0] switch
{
    "predict" => PredictBench.Run(args[1], (int)Number(2, 7), Number(3, 60), Number(4, 3), Number(5, 8)),
    "macs" => MacsBench.Run(args[1], Number(2, 0.6), (int)Number(3, 400), Number(4, 60), Number(5, 8)),
    _ => SixtyBench.Run(args[2], args[1], args[3..]),
};
