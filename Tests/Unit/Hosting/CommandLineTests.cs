using MemoryMesh.AppHost;

namespace MemoryMesh.Tests.Unit.Hosting;

public class CommandLineTests
{
    [Test]
    public void Nothing_means_to_serve_in_one_process()
    {
        var read = CommandLine.Parse([]);
        Assert.That(read.Kind, Is.EqualTo(CommandKind.Embedded));
        Assert.That(read.Settings, Is.Empty);
    }

    [TestCase("--processes", ExpectedResult = "Processes")]
    [TestCase("demo", ExpectedResult = "Demo")]
    [TestCase("docs", ExpectedResult = "Docs")]
    [TestCase("healthcheck", ExpectedResult = "HealthCheck")]
    [TestCase("migrate --from data --to x", ExpectedResult = "Migrate")]
    [TestCase("migrate --help", ExpectedResult = "Help")]
    [TestCase("--help", ExpectedResult = "Help")]
    [TestCase("-h", ExpectedResult = "Help")]
    [TestCase("--data /tmp/x --help", ExpectedResult = "Help")]
    [TestCase("--version", ExpectedResult = "Version")]
    public string What_to_do_is_read(string arguments) => CommandLine.Parse(arguments.Split(' ')).Kind.ToString();

    [TestCase("--urls http://localhost:9000 --data /srv/m --environment Development --contentRoot /srv")]
    [TestCase("--Logging:LogLevel:Default Warning --Gateway:GlobalRateLimit=none")]
    [TestCase("--Kestrel:Endpoints:Http:Url http://localhost:9000")]
    [TestCase("--ENCRYPTION_KEY abc --MEMORY_INDEX_KEY=def")]
    [TestCase("--DATA=/srv/m --Storage:DataDirectory=")]
    public void Settings_go_on_as_they_are(string arguments)
    {
        var read = CommandLine.Parse(arguments.Split(' '));
        Assert.That(read.Kind, Is.EqualTo(CommandKind.Embedded), read.Message);
        Assert.That(string.Join(' ', read.Settings), Is.EqualTo(arguments));
    }

    [Test]
    public void Open_becomes_a_setting_of_every_host()
    {
        Assert.That(CommandLine.Parse(["--open"]).Settings, Is.EqualTo(["--Open:Enabled=true"]));
        Assert.That(CommandLine.Parse(["--data", "/srv", "--open", "--processes"]).Settings, Is.EqualTo(["--data", "/srv", "--Open:Enabled=true"]));
    }

    [TestCase("--opne", "--opne", "--open")]
    [TestCase("--dta /srv", "--dta", "--data")]
    [TestCase("--something-else", "--something-else", "not known")]
    [TestCase("-p", "-p", "not known")]
    [TestCase("--open=false", "--open", "no value")]
    [TestCase("--data", "--data", "needs a value")]
    [TestCase("--data --open", "--data", "needs a value")]
    [TestCase("--Section:", "--Section:", "not known")]
    [TestCase("--MEMORY_DATA_DIR /srv", "--MEMORY_DATA_DIR", "--Storage:DataDirectory")]
    [TestCase("demo --open", "demo", "no arguments")]
    public void What_is_no_setting_is_refused_by_name(string arguments, string name, string reason)
    {
        var read = CommandLine.Parse(arguments.Split(' '));
        Assert.That(read.Kind, Is.EqualTo(CommandKind.Error));
        Assert.That(read.Message, Does.Contain(name).And.Contain(reason));
    }

    [TestCase("s3cret")]
    [TestCase("--data /srv s3cret")]
    public void An_argument_without_a_switch_is_not_repeated(string arguments)
        => Assert.That(CommandLine.Parse(arguments.Split(' ')).Message, Is.Not.Null.And.Not.Contain("s3cret"));
}
