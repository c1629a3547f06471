using System.Runtime.CompilerServices;
using System.Text;

namespace EdgePrune.Agent.Client;

/// <summary>Reads server-sent events (WHATWG HTML, section 9.2) from what may be anything: lines and events have a greatest length.</summary>
internal static class EventReader
{
    private const int MaxCharacters = 256 << 10;
    private const string Data = "data:";

    /// <summary>The data of each event, until the stream ends.</summary>
    /// <exception cref="AgentException">A line or an event is longer than any of an agent's.</exception>
    public static async IAsyncEnumerable<string> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        char[] buffer = new char[4096];
        var line = new StringBuilder();
        var data = new StringBuilder();
        for (int read; (read = await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            for (int i = 0; i < read; i++)
            {
                if (buffer[i] != '\n')
                {
                    line.Append(buffer[i]);
                    if (line.Length + data.Length > MaxCharacters)
                    {
                        throw new AgentException(AgentFailure.Protocol, $"an event is longer than {MaxCharacters} characters, which no agent sends");
                    }

                    continue;
                }

                string text = line.ToString().TrimEnd('\r');
                line.Clear();
                if (text.StartsWith(Data, StringComparison.Ordinal))
                {
                    data.Append(data.Length > 0 ? "\n" : "").Append(text.AsSpan(Data.Length).TrimStart(' '));
                }
                else if (text.Length == 0 && data.Length > 0)
                {
                    yield return data.ToString();
                    data.Clear();
                }
            }
        }
    }
}
