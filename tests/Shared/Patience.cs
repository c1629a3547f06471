namespace EdgePrune.TestSupport;

/// <summary>
/// For tests of real time. A machine that is shared with others may stand still for half a second, and a sensor then rightly says that
/// its window is not valid, or a reader is stopped before its first reading. Such a test is tried again, with more time; what fails
/// each time still fails, with what the last try said.
/// </summary>
internal static class Patience
{
    private const int Tries = 5;

    /// <param name="test">The test; it gets how many times its usual time it should take: 1, 2, 4, 8, 16.</param>
    public static async Task TryAsync(Func<int, Task> test)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                await test(1 << i);
                return;
            }
            catch (Exception e) when (i < Tries - 1 && e is not OperationCanceledException)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"try {i + 1}: {e.Message}");
            }
        }
    }

    /// <inheritdoc cref="TryAsync"/>
    public static void Try(Action<int> test)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                test(1 << i);
                return;
            }
            catch (Exception e) when (i < Tries - 1)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"try {i + 1}: {e.Message}");
            }
        }
    }
}
