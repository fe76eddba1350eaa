using MemoryMesh.Retention;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Redis;

return await MemoryMeshHost.RunAsync(args, () =>
{
    var builder = MemoryMeshHost.CreateBuilder(args, RetentionModule.Name);
    builder.Services
        .AddAuthHttpClient()
        .AddChatHttpClient()
        .AddMemoryHttpClient()
        .AddSearchHttpClient()
        .AddRetentionModule();
    builder.AddRabbitMqBus();
    builder.AddSharedAnswers();

    var app = builder.Build();
    app.UseMemoryMeshDefaults();
    app.MapRetentionEndpoints();
    return app;
});
