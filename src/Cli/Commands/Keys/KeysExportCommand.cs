using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Keys;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;
using Spectre.Console;

namespace EdgePrune.Cli.Commands.Keys;

/// <summary>Packs a client's certificate and key for a browser.</summary>
internal sealed class KeysExportCommand : ReportingCommand
{
    private const int MinPassword = 8;

    private readonly Argument<string> folder = new("folder") { Description = "The folder with the keys." };
    private readonly Argument<string> name = new("name") { Description = "Which client: its files are name.pem and name.key." };
    private readonly Option<string> password = new("--password-file") { Description = "A file whose first line is the password under which it is packed; - reads standard input.", HelpName = "file", Required = true };
    private readonly Option<string?> output = new("--output", "-o") { Description = "The packed file. [default: name.p12 in the folder]", HelpName = "file" };

    public KeysExportCommand()
        : base("export", "Pack a client's certificate, its key and the authority for a browser (PKCS #12).", "edgeprune keys export site-keys measure --password-file password.txt")
    {
        Add(folder);
        Add(name);
        Add(password);
        Add(output);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        string place = Path.GetFullPath(parsed.GetValue(folder)!);
        string client = parsed.GetValue(name)!;
        if (client != Path.GetFileName(client))
        {
            throw CommandFailure.Usage("give the client's name, not a path");
        }

        string certificateFile = Path.Combine(place, client + ".pem");
        string keyFile = Path.Combine(place, client + ".key");
        if (!File.Exists(certificateFile) || !File.Exists(keyFile))
        {
            throw new InputException($"there is no client '{Printable.Name(client)}' in {place}: {client}.pem and {client}.key are needed");
        }

        string secret = ReadPassword(parsed.GetValue(password)!);
        string target = Path.GetFullPath(parsed.GetValue(output) ?? Path.Combine(place, client + ".p12"));
        byte[] packed;
        DateTimeOffset expires;
        try
        {
            using X509Certificate2 own = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
            using X509Certificate2 authority = CertificateFile.Load(Path.Combine(place, KeyFolder.AuthorityFile));
            expires = own.NotAfter;
            packed = new X509Certificate2Collection { own, authority }.ExportPkcs12(Pkcs12ExportPbeParameters.Pbes2Aes256Sha256, secret);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InputException($"{certificateFile} and {keyFile} are not a certificate and its key: {e.Message}", e);
        }

        if (Path.Exists(target))
        {
            throw new InputException($"{target} is there already and is not overwritten; give another place or move it away");
        }

        using (var stream = new FileStream(target, NewFiles.Options(secret: true)))
        {
            stream.Write(packed);
            DurableFile.Flush(stream);
        }

        return new Outcome(
            new CertificateDocument(target, client, expires),
            console => console.Write(new Text($"wrote {target}; import it in the browser with the password, and trust the authority in it for this agent\n")));
    }

    private static string ReadPassword(string file)
    {
        if (file != "-" && !File.Exists(file))
        {
            throw new InputException($"there is no password file {file}");
        }

        string? line = file == "-" ? Console.In.ReadLine() : File.ReadLines(file).FirstOrDefault();
        return line is { Length: >= MinPassword } ? line : throw new InputException($"the password has at least {MinPassword} characters: the packed file holds a private key");
    }
}
