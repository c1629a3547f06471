using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Onnx.Tests;

/// <summary>Values by name, few and many.</summary>
public sealed class NamedValuesTests
{
    public static TheoryData<int> Counts => [.. Enumerable.Range(0, 21)];

    [Theory]
    [MemberData(nameof(Counts))]
    public void They_are_a_dictionary_in_the_order_given(int count)
    {
        string[] names = [.. Enumerable.Range(0, count).Select(i => $"n{(i * 7) % 23}")];
        using var values = new NamedValues(names.Select((n, i) => KeyValuePair.Create(n, Scalar(i))));
        Assert.Equal(names, values.Keys);
        Assert.Equal(names, values.Select(v => v.Key));
        Assert.Equal(count, values.Count);
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(i, values[names[i]].GetTensorDataAsSpan<float>()[0]);
            Assert.True(values.TryGetValue(names[i], out OrtValue? found) && values.ContainsKey(names[i]));
            Assert.Same(values[names[i]], found);
            Assert.Equal([1], values.TypeAndShape(names[i]).Shape);
        }

        Assert.False(values.TryGetValue("other", out _) || values.ContainsKey("other"));
        Assert.Throws<KeyNotFoundException>(() => values["other"]);
        Assert.Throws<KeyNotFoundException>(() => values.TypeAndShape("other"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(30)]
    public void A_name_that_is_there_twice_is_refused(int count)
    {
        KeyValuePair<string, OrtValue>[] values = [.. Enumerable.Range(0, count).Select(i => KeyValuePair.Create(i == count - 1 ? "n0" : $"n{i}", Scalar(i)))];
        Assert.Contains("'n0'", Assert.Throws<ArgumentException>(() => new NamedValues(values)).Message, StringComparison.Ordinal);
        Array.ForEach(values, v => v.Value.Dispose());
    }

    private static OrtValue Scalar(float value) => OrtValue.CreateTensorValueFromMemory([value], [1]);
}
