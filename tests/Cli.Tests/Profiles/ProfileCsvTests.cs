using System.Globalization;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;

namespace EdgePrune.Cli.Tests.Profiles;

public sealed class ProfileCsvTests
{
    [Fact]
    public void Rows_of_a_profile() => Golden.Check("profile-csv", ProfileCsv.Of(ProfileSamples.Measured));

    [Theory]
    [InlineData("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@sum", "'@sum")]
    [InlineData(" =1", "' =1")]
    [InlineData("\t=1", "?=1")]
    [InlineData("＝1", "'＝1")]
    [InlineData("conv=1", "conv=1")]
    [InlineData("\e[2J\u202E", "?[2J?")]
    [InlineData("", "")]
    public void Names_are_no_formulas(string name, string expected) => Assert.Equal(expected, CsvText.Safe(name));

    [Fact]
    public void Every_name_survives_in_a_field_of_its_own()
    {
        var random = new Random(5);
        const string letters = "a,\"'=\n\r; é+-@|\t";
        for (int i = 0; i < 500; i++)
        {
            string[] names = [.. Enumerable.Range(0, 3).Select(_ => string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => letters[random.Next(letters.Length)])))];
            string[] expected = [.. names.Select(CsvText.Safe)];
            ProfileDocument document = ProfileSamples.Named(ProfileSamples.Measured, names);

            List<List<string>> rows = Parse(ProfileCsv.Of(document));

            Assert.Equal(document.Layers.Count + 1, rows.Count);
            Assert.All(rows, r => Assert.Equal(rows[0].Count, r.Count));
            Assert.Equal(expected, rows.Skip(1).Take(3).Select(r => r[1]));
        }
    }

    [Fact]
    public void Negative_numbers_stay_numbers()
    {
        ProfileDocument document = ProfileSamples.Measured;
        document = document with { Layers = [document.Layers[0] with { DynamicEnergyUj = new Figure(0.5, -1.25, 2.25) }] };

        List<List<string>> rows = Parse(ProfileCsv.Of(document));

        Assert.Equal(-1.25, double.Parse(rows[1][rows[0].IndexOf("dynamic_energy_low_uj")], CultureInfo.InvariantCulture));
    }

    // RFC 4180, read by the letter.
    private static List<List<string>> Parse(string text)
    {
        var rows = new List<List<string>>();
        var row = new List<string>();
        var field = new System.Text.StringBuilder();
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quoted)
            {
                if (c != '"')
                {
                    field.Append(c);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    field.Append('"');
                    i++;
                }
                else
                {
                    quoted = false;
                }
            }
            else if (c == '"')
            {
                Assert.Equal(0, field.Length);
                quoted = true;
            }
            else if (c == ',')
            {
                row.Add(field.ToString());
                field.Clear();
            }
            else if (c == '\r')
            {
                Assert.Equal('\n', text[++i]);
                row.Add(field.ToString());
                field.Clear();
                rows.Add(row);
                row = [];
            }
            else
            {
                field.Append(c);
            }
        }

        Assert.False(quoted);
        Assert.Empty(row);
        return rows;
    }
}
