using MemoryMesh.Retention;
using MemoryMesh.ServiceDefaults.Configuration;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Tests.Unit.Configuration;

public class OptionsFailuresTests
{
    [Test]
    public void A_setting_that_is_not_allowed_is_named_by_its_key_and_every_environment_name()
    {
        var result = new RetentionOptionsValidator().Validate(null, new RetentionOptions { MaxAgeDays = 0, ScheduleSeconds = 0, Action = "burn" });
        var told = OptionsFailures.Describe(new OptionsValidationException("", typeof(RetentionOptions), result.Failures));
        Assert.Multiple(() =>
        {
            Assert.That(told, Does.Contain(
                "Retention:MaxAgeDays (as an environment name Retention__MaxAgeDays or MEMORY_RETENTION_MAX_AGE_DAYS or CONTEXT_RETENTION_DAYS) is not allowed: it must be between 1 and 36500."));
            Assert.That(told, Does.Contain("Retention:ScheduleSeconds").And.Contain("MEMORY_RETENTION_SCHEDULE_SECONDS"));
            Assert.That(told, Does.Contain("Retention:Action must be archive or delete."));
            Assert.That(told, Does.Not.Contain("burn").And.Not.Contain("RetentionOptions"));
        });
    }

    [Test]
    public void A_message_that_names_its_key_itself_is_left_as_it_is()
        => Assert.That(
            OptionsFailures.Describe(new OptionsValidationException("", typeof(RetentionOptions), ["Retention:X and Retention:Y exclude each other."])),
            Is.EqualTo("Retention:X and Retention:Y exclude each other."));
}
