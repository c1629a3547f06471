using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Formats;

/// <summary>Turns stored labels into class ids.</summary>
internal static class LabelReader
{
    /// <summary>Names that label arrays and columns have where nobody says otherwise, in order of preference.</summary>
    public static IReadOnlyList<string> Names { get; } = ["labels", "label", "class", "target"];

    /// <summary>An array [N] or [N,1] of whole numbers from 0 on.</summary>
    public static long[] FromArray(ResidentArray array)
    {
        if (array.RowLength != 1)
        {
            throw new InputException($"{array.Source}: labels '{array.Name}' are {array}; expected one class id a sample, shape [N]");
        }

        long[] labels = new long[array.Rows];
        for (int row = 0; row < labels.Length; row++)
        {
            double value = array.At(row, 0);
            if (!(value >= 0 && value < DataLimits.Classes && value == Math.Truncate(value)))
            {
                throw new InputException($"{array.Source}: label {value} of sample {row} is out of range; expected whole class ids from 0 up");
            }

            labels[row] = (long)value;
        }

        return labels;
    }

    /// <summary>
    /// Whole numbers from 0 on are ids as they stand; any other values are names, and ids go by their sorted order.
    /// </summary>
    /// <param name="values">One value a sample.</param>
    /// <param name="classes">Names in id order where a description gives them; then every value must be one, or an id.</param>
    /// <param name="what">File and column, for messages.</param>
    public static (long[] Labels, IReadOnlyList<string>? ClassNames) FromText(IReadOnlyList<string> values, IReadOnlyList<string>? classes, string what)
    {
        if (classes is not null)
        {
            Dictionary<string, long> known = classes.Select((name, id) => (name, id: (long)id)).ToDictionary(pair => pair.name, pair => pair.id, StringComparer.Ordinal);
            if (values.All(known.ContainsKey))
            {
                return ([.. values.Select(value => known[value])], classes);
            }
        }

        long[] ids = new long[values.Count];
        bool numbers = true;
        for (int row = 0; row < ids.Length; row++)
        {
            if (values[row].Length == 0)
            {
                throw new InputException($"{what}: the label of sample {row} is missing; expected a class in every row");
            }

            numbers &= double.TryParse(values[row], out double value) && value >= 0 && value < DataLimits.Classes && value == Math.Truncate(value);
            ids[row] = numbers ? (long)value : 0;
        }

        if (numbers)
        {
            return (ids, classes);
        }

        if (classes is not null)
        {
            string stranger = values.First(value => !classes.Contains(value));
            throw new InputException($"{what}: label '{stranger}' is not among the classes that data.yaml lists ({string.Join(", ", classes.Take(10))})");
        }

        string? odd = values.FirstOrDefault(value => double.TryParse(value, out double number) && (number < 0 || number != Math.Truncate(number)));
        if (odd is not null)
        {
            throw new InputException($"{what}: label '{odd}' is not a class; expected whole ids from 0 up, or names");
        }

        string[] names = [.. values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Dictionary<string, long> byName = names.Select((name, id) => (name, id: (long)id)).ToDictionary(pair => pair.name, pair => pair.id, StringComparer.Ordinal);
        return ([.. values.Select(value => byName[value])], names);
    }
}
