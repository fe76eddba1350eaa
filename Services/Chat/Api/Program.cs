using MemoryMesh.Chat;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Redis;

return await MemoryMeshHost.RunAsync(args, () =>
{
    var builder = MemoryMeshHost.CreateBuilder(args, ChatModule.Name);
    builder.Services
        .AddAuthHttpClient()
        .AddMemoryHttpClient()
        .AddSearchHttpClient()
        .AddChatModule();
    builder.AddRabbitMqBus();
    builder.AddSharedAnswers();

    var app = builder.Build();
    app.UseMemoryMeshDefaults();
    app.MapChatEndpoints();
    app.MapChatCalls();
    return app;
});
