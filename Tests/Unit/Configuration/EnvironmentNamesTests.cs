using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Unit.Configuration;

public class EnvironmentNamesTests
{
    [Test]
    public void A_name_sets_its_configuration_key()
    {
        using var configuration = new ConfigurationManager();
        var report = Add(
            configuration,
            ("MEMORY_RETENTION_MAX_AGE_DAYS", "90"),
            ("MEMORY_RETENTION_IMPORTANCE_THRESHOLD", "0.5"),
            ("MEMORY_TENANT_RATE_LIMIT", "50 per minute"),
            ("MEMORY_ALLOWED_ORIGINS", "https://a.example, https://b.example"),
            ("LOG_LEVEL", "warning"),
            ("MEMORY_DATA_DIR", "/srv/memory"));
        Assert.Multiple(() =>
        {
            Assert.That(report.Problems, Is.Empty);
            Assert.That(report.Warnings, Is.Empty);
            Assert.That(configuration["Retention:MaxAgeDays"], Is.EqualTo("90"));
            Assert.That(configuration["Retention:ImportanceThreshold"], Is.EqualTo("0.5"));
            Assert.That(configuration["Gateway:TenantRateLimit"], Is.EqualTo("50/minute"));
            Assert.That(string.Join(' ', configuration.GetSection("Gateway:AllowedOrigins").Get<string[]>()!), Is.EqualTo("https://a.example https://b.example"));
            Assert.That(configuration["Logging:LogLevel:Default"], Is.EqualTo("Warning"));
            Assert.That(configuration["Storage:DataDirectory"], Is.EqualTo("/srv/memory"));
        });
    }

    [Test]
    public void A_setting_that_is_given_both_ways_with_different_values_stops_the_start_and_both_names_are_told()
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Auth:AccessTokenMinutes"] = "15" });
        var report = Add(configuration, ("MEMORY_ACCESS_TOKEN_EXPIRE_MINUTES", "45"));
        var failure = Assert.Throws<StartupException>(() => report.Tell(NullLogger.Instance));
        Assert.Multiple(() =>
        {
            Assert.That(failure!.Message, Does.Contain("MEMORY_ACCESS_TOKEN_EXPIRE_MINUTES").And.Contain("Auth:AccessTokenMinutes").And.Contain("Auth__AccessTokenMinutes"));
            Assert.That(failure.Message, Does.Not.Contain("15").And.Not.Contain("45"));
            Assert.That(configuration["Auth:AccessTokenMinutes"], Is.EqualTo("15"), "The .NET name goes before.");
        });
    }

    [TestCase("MEMORY_ACCESS_TOKEN_EXPIRE_MINUTES", "030", "Auth:AccessTokenMinutes", "30")]
    [TestCase("MEMORY_GLOBAL_RATE_LIMIT", "200 per minute", "Gateway:GlobalRateLimit", "200/minute")]
    [TestCase("MEMORY_GLOBAL_RATE_LIMIT", "NONE", "Gateway:GlobalRateLimit", "none")]
    [TestCase("LOG_LEVEL", "WARN", "Logging:LogLevel:Default", "warning")]
    [TestCase("MEMORY_RETENTION_IMPORTANCE_THRESHOLD", ".5", "Retention:ImportanceThreshold", "0.50")]
    public void A_setting_that_is_given_both_ways_with_one_meaning_is_no_problem(string name, string value, string key, string other)
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(new Dictionary<string, string?> { [key] = other });
        Assert.That(Add(configuration, (name, value)).Problems, Is.Empty);
    }

    [Test]
    public void A_list_is_compared_as_a_whole()
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Gateway:AllowedOrigins:0"] = "https://a.example",
            ["Gateway:AllowedOrigins:1"] = "https://b.example",
        });
        Assert.Multiple(() =>
        {
            Assert.That(Add(configuration, ("MEMORY_ALLOWED_ORIGINS", "https://a.example,https://b.example")).Problems, Is.Empty);
            Assert.That(Add(configuration, ("MEMORY_ALLOWED_ORIGINS", "https://a.example")).Problems, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public void The_command_line_may_differ_from_the_environment_and_wins()
    {
        using var configuration = new ConfigurationManager();
        configuration.AddCommandLine(["--Storage:DataDirectory=/srv/b"]);
        var report = Add(configuration, ("MEMORY_DATA_DIR", "/srv/a"));
        Assert.That(report.Problems, Is.Empty);
        Assert.That(configuration["Storage:DataDirectory"], Is.EqualTo("/srv/b"));
    }

    [Test]
    public void Two_names_of_one_setting_with_different_values_stop_the_start()
    {
        using var configuration = new ConfigurationManager();
        var report = Add(configuration, ("CONTEXT_RETENTION_DAYS", "30"), ("MEMORY_RETENTION_MAX_AGE_DAYS", "60"));
        Assert.That(report.Problems.Single(), Does.Contain("CONTEXT_RETENTION_DAYS").And.Contain("MEMORY_RETENTION_MAX_AGE_DAYS"));

        using var equal = new ConfigurationManager();
        Assert.That(Add(equal, ("CONTEXT_RETENTION_DAYS", "30"), ("MEMORY_RETENTION_MAX_AGE_DAYS", "30")).Problems, Is.Empty);
    }

    [TestCase("MEMORY_RETENTION_MAX_AGE_DAYS", "ninety")]
    [TestCase("MEMORY_RETENTION_MAX_AGE_DAYS", "9.5")]
    [TestCase("MEMORY_RETENTION_IMPORTANCE_THRESHOLD", "NaN")]
    [TestCase("MEMORY_GLOBAL_RATE_LIMIT", "fast")]
    [TestCase("LOG_LEVEL", "chatty")]
    public void A_value_that_cannot_be_read_is_told_by_name_and_never_by_value(string name, string value)
    {
        using var configuration = new ConfigurationManager();
        var report = Add(configuration, (name, value));
        Assert.That(report.Problems.Single(), Does.Contain(name).And.Not.Contain(value));
    }

    [Test]
    public void An_unknown_name_is_warned_of_with_the_nearest_right_one_and_never_its_value()
    {
        using var configuration = new ConfigurationManager();
        var report = Add(
            configuration,
            ("MEMORY_RETENTION_MAX_AGE_DAY", "canary-1"), ("MEMORY_JWT_SECRETKEY", "canary-2"), ("MEMORY_SOMETHING_ELSE_ALTOGETHER", "canary-3"), ("OTHER_NAME", "x"));
        var lines = new Lines();
        report.Tell(lines);
        Assert.Multiple(() =>
        {
            Assert.That(lines.Written, Has.Count.EqualTo(3));
            Assert.That(lines.Written[0], Does.Contain("MEMORY_JWT_SECRETKEY").And.Contain("MEMORY_JWT_SECRET_KEY"));
            Assert.That(lines.Written[1], Does.Contain("MEMORY_RETENTION_MAX_AGE_DAY ").And.Contain("MEMORY_RETENTION_MAX_AGE_DAYS"));
            Assert.That(lines.Written[2], Does.Contain("MEMORY_SOMETHING_ELSE_ALTOGETHER").And.Contain("docs/configuration.md"));
            Assert.That(string.Concat(lines.Written), Does.Not.Contain("canary"));
        });
    }

    [Test]
    public void A_setting_of_the_section_Memory_is_no_unknown_name()
    {
        using var configuration = new ConfigurationManager();
        Assert.That(Add(configuration, ("Memory__MaxAttempts", "3"), ("MEMORY__MAXATTEMPTS", "3")).Warnings, Is.Empty);
    }

    private const string Canary = "canary-3f1c";

    [TestCase("MEMORY_DATABASE_URL", "postgresql+asyncpg://u:canary-3f1c@db:5432/m")]
    [TestCase("POSTGRES_URL", "host=db dbname=m password=canary-3f1c")]
    [TestCase("MONGODB_URL", "mongodb://u:canary-3f1c@db/m")]
    [TestCase("MONGODB_URI", "mongodb+srv://u:canary-3f1c@db.example")]
    public void An_address_of_a_store_for_the_data_that_this_build_does_not_have_stops_the_start_and_says_the_way_out(string name, string value)
    {
        using var configuration = new ConfigurationManager();
        var report = Add(configuration, (name, value));
        Assert.That(report.Problems.Single(), Does.Contain(name).And.Contain("Storage__Engine=embedded").And.Not.Contain(Canary));

        using var said = new ConfigurationManager();
        said.AddInMemoryCollection(new Dictionary<string, string?> { ["Storage:Engine"] = "embedded" });
        var silent = Add(said, (name, value));
        Assert.That(silent.Problems.Concat(silent.Warnings), Is.Empty, "The address is another program's.");
    }

    [TestCase("ConnectionStrings:postgres", "ConnectionStrings__postgres")]
    [TestCase("ConnectionStrings:mongodb", "ConnectionStrings__mongodb")]
    public void The_dotnet_name_of_such_an_address_stops_the_start_too(string key, string name)
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(new Dictionary<string, string?> { [key] = Canary });
        Assert.That(Add(configuration).Problems.Single(), Does.Contain(name).And.Not.Contain(Canary));
    }

    [TestCase("Host=db;Database=m;Password=canary-3f1c")]
    [TestCase("postgresql://u:canary-3f1c@db/m?sslmode=require")]
    [TestCase("sqlite://")]
    public void Each_service_that_can_be_on_postgres_has_a_connection_string_of_its_own(string address)
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:auth"] = address, ["ConnectionStrings:retention"] = address });
        var report = Add(configuration);
        Assert.That(report.Problems.Concat(report.Warnings), Is.Empty);
    }

    [TestCase("canary-3f1c")]
    [TestCase("Host=db;Password=canary-3f1c")]
    [TestCase("Host=db;Database=m;Nonsense=canary-3f1c")]
    [TestCase("Host=db;Database=m;Timeout=canary-3f1c")]
    public void One_that_the_driver_cannot_use_stops_the_start_unless_it_is_another_programs(string address)
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:auth"] = address });
        Assert.That(Add(configuration).Problems.Single(), Does.Contain("ConnectionStrings__auth").And.Not.Contain(Canary));

        using var others = new ConfigurationManager();
        others.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:auth"] = address, ["Storage:Engine"] = "embedded" });
        Assert.That(Add(others).Problems, Is.Empty);
    }

    [TestCase("memory", "canary-3f1c")]
    [TestCase("chat", "canary-3f1c")]
    [TestCase("chat", "Host=db;Database=m;Password=canary-3f1c")]
    public void One_of_documents_that_a_build_cannot_keep_stops_the_start_unless_it_is_another_programs(string service, string address)
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(new Dictionary<string, string?> { [$"ConnectionStrings:{service}"] = address });
        Assert.That(Add(configuration).Problems.Single(), Does.Contain($"ConnectionStrings__{service}").And.Not.Contain(Canary));

        using var others = new ConfigurationManager();
        others.AddInMemoryCollection(new Dictionary<string, string?> { [$"ConnectionStrings:{service}"] = address, ["Storage:Engine"] = "embedded" });
        Assert.That(Add(others).Problems, Is.Empty);
    }

    [TestCase("chat")]
    [TestCase("memory")]
    public void A_service_of_documents_is_in_mongodb_where_the_build_has_it(string service)
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(new Dictionary<string, string?> { [$"ConnectionStrings:{service}"] = "mongodb://u:canary-3f1c@db/m" });
        var problems = Add(configuration).Problems;
        Assert.That(problems, Has.Count.EqualTo(DocumentStores.InMongo.Contains(service) ? 0 : 1));
        Assert.That(problems, Has.All.Contain("-p:Stack=aspire").And.All.Not.Contain(Canary));
    }

    [TestCase("chat", "mongodb://u:canary-3f1c@db/m?maxPoolSize=many")]
    [TestCase("memory", "mongodb://u:canary-3f1c@db:port/m")]
    public void An_address_of_mongodb_that_its_driver_cannot_read_stops_the_start(string service, string address)
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(new Dictionary<string, string?> { [$"ConnectionStrings:{service}"] = address });
        Assert.That(Add(configuration).Problems.Single(), Does.Contain($"ConnectionStrings__{service}").And.Not.Contain(Canary));
    }

    [Test]
    public void A_name_that_chooses_no_store_is_warned_of()
    {
        using var configuration = new ConfigurationManager();
        var report = Add(configuration, ("MONGODB_DATABASE", "canary-3f1c"));
        Assert.That(report.Problems, Is.Empty);
        Assert.That(report.Warnings.Single(), Does.Contain("MONGODB_DATABASE").And.Contain("no effect").And.Not.Contain(Canary));
    }

    [TestCase("MEMORY_REDIS_URL", "redis://:p@cache:6379/0")]
    [TestCase("REDIS_URL", "rediss://default:p@cache")]
    [TestCase("REDIS_URL", "a:1,b:2,password=p")]
    public void Redis_is_used_where_it_is_named(string name, string value)
    {
        using var configuration = new ConfigurationManager();
        var report = Add(configuration, (name, value));
        Assert.That(report.Problems, Is.Empty);
        Assert.That(report.Warnings, Is.Empty);
    }

    [TestCase("REDIS_URL", "redis://somebody:canary-3f1c@cache")]
    [TestCase("MEMORY_REDIS_URL", "cache:6379,nonsense=canary-3f1c")]
    public void An_address_of_redis_that_the_client_cannot_use_stops_the_start_unless_it_is_another_programs(string name, string value)
    {
        using var configuration = new ConfigurationManager();
        Assert.That(Add(configuration, (name, value)).Problems.Single(), Does.Contain(name).And.Contain("Storage__Engine=embedded").And.Not.Contain(Canary));

        using var others = new ConfigurationManager();
        others.AddInMemoryCollection(new Dictionary<string, string?> { ["Storage:Engine"] = "embedded" });
        Assert.That(Add(others, (name, value)).Problems, Is.Empty);
    }

    [TestCase("sqlite://", false)]
    [TestCase("sqlite+aiosqlite:///./memory.db", true)]
    [TestCase("Data Source=memory.db", true)]
    public void An_address_of_sqlite_means_the_embedded_store(string value, bool namesFile)
    {
        using var configuration = new ConfigurationManager();
        var report = Add(configuration, ("MEMORY_DATABASE_URL", value));
        Assert.That(report.Problems, Is.Empty);
        Assert.That(report.Warnings, namesFile ? Has.One.Contains("MEMORY_DATABASE_URL") : Is.Empty);
    }

    [TestCase("MEMORY_DATABASE_URL", "mysql://db/m")]
    [TestCase("POSTGRES_URL", "postgres://db:port/m")]
    [TestCase("MONGODB_URL", "db:27017")]
    [TestCase("MEMORY_REDIS_URL", "http://cache")]
    [TestCase("MEMORY_EMBEDDING_PROVIDER", "canary-3f1c")]
    [TestCase("MEMORY_EMBEDDING_DIMENSIONS", "many")]
    public void An_address_or_choice_that_cannot_be_read_stops_the_start(string name, string value)
    {
        using var configuration = new ConfigurationManager();
        Assert.That(Add(configuration, (name, value)).Problems, Has.One.Contains(name).And.None.Contains(value));
    }

    [Test]
    public void An_engine_that_this_build_does_not_have_stops_the_start()
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Storage:Engine"] = "postgres" });
        Assert.That(Add(configuration).Problems.Single(), Does.Contain("Storage__Engine"));
    }

    [Test]
    public void Two_spellings_of_one_address_are_one()
    {
        using var configuration = new ConfigurationManager();
        var report = Add(
            configuration, ("MEMORY_DATABASE_URL", "postgresql+psycopg2://u:p%40ss@db/m"), ("POSTGRES_URL", "Host=db;Port=5432;Database=m;User Id=u;Password=p@ss"));
        Assert.That(report.Problems, Has.Count.EqualTo(1).And.None.Contains("different values"), "Only that the build has no such store.");
    }

    [Test]
    public void The_names_of_embedders_reach_their_settings()
    {
        using var configuration = new ConfigurationManager();
        var report = Add(
            configuration,
            ("MEMORY_EMBEDDING_PROVIDER", "Custom"),
            ("MEMORY_EMBEDDING_BASE_URL", "http://127.0.0.1:9/v1"),
            ("MEMORY_EMBEDDING_MODEL", "some-model"),
            ("MEMORY_EMBEDDING_API_KEY", "key"),
            ("MEMORY_EMBEDDING_DIMENSIONS", "64"),
            ("MEMORY_GEMINI_API_KEY", "gemini"),
            ("OPENAI_API_KEY", "openai"));
        Assert.That(report.Problems.Concat(report.Warnings), Is.Empty);
        Assert.That(
            configuration.GetSection("Search:Embedding").GetChildren().ToDictionary(setting => setting.Key, setting => setting.Value),
            Is.EquivalentTo(new Dictionary<string, string>
            {
                ["Provider"] = "custom", ["BaseUrl"] = "http://127.0.0.1:9/v1", ["Model"] = "some-model", ["ApiKey"] = "key", ["Dimensions"] = "64",
                ["GeminiApiKey"] = "gemini", ["OpenAIApiKey"] = "openai",
            }));
    }

    [Test]
    public void Every_documented_name_is_in_the_table()
    {
        string[] documented =
        [
            "MEMORY_DATABASE_URL", "POSTGRES_URL", "MONGODB_URL", "MONGODB_URI", "MONGODB_DATABASE", "MEMORY_REDIS_URL", "REDIS_URL", "ENCRYPTION_KEY", "MEMORY_JWT_SECRET_KEY",
            "MEMORY_ACCESS_TOKEN_EXPIRE_MINUTES", "MEMORY_REFRESH_TOKEN_EXPIRE_DAYS", "MEMORY_EMBEDDING_PROVIDER", "MEMORY_GEMINI_API_KEY", "OPENAI_API_KEY",
            "MEMORY_EMBEDDING_DIMENSIONS", "MEMORY_GLOBAL_RATE_LIMIT", "MEMORY_TENANT_RATE_LIMIT", "MEMORY_RETENTION_MAX_AGE_DAYS", "CONTEXT_RETENTION_DAYS",
            "MEMORY_RETENTION_IMPORTANCE_THRESHOLD", "MEMORY_RETENTION_SCHEDULE_SECONDS", "MEMORY_ALLOWED_ORIGINS", "MAX_CONTEXT_MESSAGES", "LOG_LEVEL",
        ];
        Assert.That(EnvironmentNames.All.Select(name => name.Name), Is.SupersetOf(documented));
        Assert.That(EnvironmentNames.All.Where(name => name.Name.Contains("KEY", StringComparison.Ordinal) || name.Name.EndsWith("_URL", StringComparison.Ordinal)), Is.All.Matches<EnvironmentName>(name => name.Secret));
    }

    [Test]
    public void Every_name_is_listed_once()
        => Assert.That(EnvironmentNames.All.Select(name => name.Name), Is.Unique);

    private static EnvironmentReport Add(ConfigurationManager configuration, params (string Name, string Value)[] environment)
        => configuration.AddMemoryMeshEnvironment(environment.ToDictionary(entry => entry.Name, entry => entry.Value));

    private sealed class Lines : ILogger
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Written.Add(formatter(state, exception));
    }
}
